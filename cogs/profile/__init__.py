"""`/profile`."""
