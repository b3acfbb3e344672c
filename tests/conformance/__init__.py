"""The official conformance suite, run against the command line as a user would type it."""
