"""What is said to people about the failures of a server."""
