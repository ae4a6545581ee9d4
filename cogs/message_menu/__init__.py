"""The menus of messages, and the pictures in them."""
