"""`/workflows`."""
