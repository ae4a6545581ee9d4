"""Slash commands, one module per family."""
