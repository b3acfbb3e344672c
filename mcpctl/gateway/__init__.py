"""Endpoints of ours in front of servers: what a host connects to once, while the servers behind it come and go."""
