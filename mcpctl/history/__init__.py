"""What happened: calls in batches into SQLite, read back for `stats`. Refuses to hold up a call, or to fail one."""
