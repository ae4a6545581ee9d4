"""Everything that can be wrong, said before it is, with the remedy."""
