"""What a workflow file from a stranger may do, and what an operator is asked about it."""
