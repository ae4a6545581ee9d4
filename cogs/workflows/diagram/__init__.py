"""A workflow's graph as a picture: what stands in it, where, in which fonts, and how it is drawn."""
