"""What a person may put into a workflow, and text written in the languages we speak."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool

SEED_MAXIMUM = 2**64 - 1
"""The largest seed ComfyUI takes; files, manifests and forms may use all of it."""

DRAWN_SEED_MAXIMUM = 2**53 - 1
"""The largest seed a person can type into a slash command (Discord's integers)."""


@dataclass(frozen=True, slots=True)
class LocalText:
    """A text by language code; empty where nobody wrote one."""

    texts: Mapping[str, str] = field(default_factory=dict[str, str])

    def in_(self, code: str) -> str:
        """Return the text in that language, else in one like it (any Chinese for Chinese), else in English."""
        if code in self.texts:
            return self.texts[code]
        primary = code.split("-")[0].lower()
        for known, text in self.texts.items():
            if known.split("-")[0].lower() == primary:
                return text
        return self.texts.get("en") or next(iter(self.texts.values()), "")

    def __bool__(self) -> bool:
        return any(self.texts.values())

    def __str__(self) -> str:
        return self.in_("en")


def english(text: str) -> LocalText:
    return LocalText({"en": text}) if text else LocalText()
