"""Workflows as data: what lies in the folder, what may be filled in, and the graph that results."""
