"""A graph in ComfyUI's API format, and what a server says of its node classes."""
