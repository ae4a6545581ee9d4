"""The slash commands that workflows have of their own."""
