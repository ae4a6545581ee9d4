"""How a job is shown: progress edits while it goes on, the result at its end."""
