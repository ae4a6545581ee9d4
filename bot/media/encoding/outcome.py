"""The ways an attempt to make a file smaller can end, as both processes name them."""

from enum import StrEnum


class Outcome(StrEnum):
    """How it ended."""

    MADE = "made"
    NOTHING_FITS = "nothing fits"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    """A library that is needed is not installed."""
