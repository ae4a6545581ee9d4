"""Thousands of jobs in a world where everything fails now and then."""
