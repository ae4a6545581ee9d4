"""`/status`."""
