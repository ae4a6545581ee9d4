"""What one server has decided about the bot; until it decides otherwise, what suits most."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Who(StrEnum):
    """Who may do something with a job."""

    ANYONE = "anyone"
    OWNER = "owner"
    """The person who asked for it, and moderators."""
    MODERATORS = "moderators"


USUAL: Mapping[str, Who] = MappingProxyType({"cancel": Who.OWNER, "spoiler": Who.OWNER, "delete": Who.OWNER})
"""What changes or removes a job is for its owner and moderators; whatever else is pressed makes a job of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildRules:
    """One server's decisions."""

    actions: Mapping[str, Who] = field(default_factory=lambda: USUAL)
    """Who may press which button of a card, by its action; anyone where nothing is said."""
    upscale: str = "upscale"
    """The workflow behind the Upscale button."""

    def may(self, action: str) -> Who:
        """Return who may do this with a job."""
        return self.actions.get(action, Who.ANYONE)
