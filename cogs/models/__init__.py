"""`/models`."""
