"""How far jobs are, for whoever watches them."""
