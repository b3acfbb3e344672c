"""Keeps servers running: a pure machine that decides, one task per server that acts, and files that are watched."""
