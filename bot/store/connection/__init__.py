"""The database itself: opened, locked, private, and its transactions."""
