"""Mutants of the code, to see whether a test fails for each; `python -m tests.mutation` runs a sample of them."""
