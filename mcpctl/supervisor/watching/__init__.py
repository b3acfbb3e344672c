"""Files behind servers: which ones matter, when a burst of changes is over, and whether anything really changed."""
