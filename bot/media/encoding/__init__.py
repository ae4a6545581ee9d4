"""Outputs made smaller, in a process of its own: `python -m bot.media.encoding SOURCE TARGET LIMIT SECONDS`."""
