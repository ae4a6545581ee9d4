"""What one server has decided about the bot; until it decides otherwise, what suits most."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast


class Who(StrEnum):
    """Who may do something with a job."""

    ANYONE = "anyone"
    OWNER = "owner"
    """The person who asked for it, and moderators."""
    MODERATORS = "moderators"


GOING_ON = ("again", "vary", "upscale", "edit", "use")
"""What makes a new job from a job, of whoever presses."""
USUAL: Mapping[str, Who] = MappingProxyType(
    {
        **dict.fromkeys((*GOING_ON, "details", "favourite", "notify"), Who.ANYONE),
        **dict.fromkeys(("cancel", "spoiler", "delete"), Who.OWNER),
    }
)
"""Everything that can be done with a job: what changes or removes it is for its owner and moderators."""
OWN = frozenset({"cancel", "delete", "details", "favourite"})
"""What a person may do with their own even where they may do nothing else any more, and where it came to them directly."""
UPSCALE = "upscale"
"""The workflow behind the Upscale button until a server chooses another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildRules:
    """One server's decisions."""

    actions: Mapping[str, Who] = field(default_factory=lambda: USUAL)
    """Who may press which button of a card, by its action."""
    upscale: str = UPSCALE
    """The workflow behind the Upscale button."""

    def may(self, action: str) -> Who | None:
        """Return who may do this with a job; None, which is nobody, for an action that is not known."""
        return self.actions.get(action, USUAL.get(action))

    @property
    def going_on(self) -> Who:
        """Who may make something new from the results of others."""
        return self.actions.get(GOING_ON[0], Who.ANYONE)

    def with_going_on(self, who: Who) -> "GuildRules":
        """Return the same rules but for who may make something new from the results of others."""
        return replace(self, actions={**self.actions, **dict.fromkeys(GOING_ON, who)})


def written(rules: GuildRules) -> str | None:
    """Return what differs from the usual, as it is kept; None where nothing does."""
    usual = GuildRules()
    actions = {action: who.value for action, who in rules.actions.items() if who is not usual.may(action)}
    parts: dict[str, Any] = {"actions": actions} if actions else {}
    if rules.upscale != usual.upscale:
        parts["upscale"] = rules.upscale
    return json.dumps(parts, ensure_ascii=False, sort_keys=True) if parts else None


def read(text: str | None) -> GuildRules:
    """Return the rules that were kept; what a later version may have written and is not known here stays usual."""
    try:
        found: Any = json.loads(text or "{}")
    except ValueError:
        return GuildRules()
    parts = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    said = parts.get("actions")
    actions = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    known = {action: Who(who) for action, who in actions.items() if action in USUAL and who in list(Who)}
    upscale = parts.get("upscale")
    return GuildRules(
        actions={**USUAL, **known}, upscale=upscale if isinstance(upscale, str) and upscale else UPSCALE
    )
