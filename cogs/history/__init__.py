"""`/history`."""
