"""The local socket between a running supervisor and every other verb. The client imports nothing that costs time."""
