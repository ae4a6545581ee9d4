"""Strangers' pictures decoded in a process of its own: `python -m bot.ui.decoding ORDER`, an order as JSON."""
