"""Outputs made smaller, in a process of its own: `python -m bot.ui.encoding SOURCE TARGET LIMIT SECONDS`."""
