"""A request's values put into a copy of a graph."""
