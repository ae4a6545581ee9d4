"""`/upload`."""
