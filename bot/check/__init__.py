"""Everything that can be wrong, said before it is, with the remedy."""

from bot.check.command import check

__all__ = ["check"]
