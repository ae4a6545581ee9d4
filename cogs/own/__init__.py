"""The commands that workflows have of their own."""
