"""What the files say of how they were made, and how much of it people are given."""

from bot.jobs.metadata.keep import Keep
from bot.jobs.metadata.publisher import Publisher

__all__ = ["Keep", "Publisher"]
