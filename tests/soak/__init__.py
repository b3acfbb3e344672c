"""Long runs that look for what only time shows. Their short forms are ordinary tests."""
