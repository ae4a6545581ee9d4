"""`/queue`."""
