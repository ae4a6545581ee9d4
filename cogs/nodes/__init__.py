"""`/nodes`."""
