"""Strangers' pictures decoded in a process of its own: `python -m bot.media.decoding ORDER`, an order as JSON."""
