"""The LoRAs a person names: reading them, and finding the server's files."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.errors import UserError
from bot.workflows.graph.files import match_file, near_misses

MAXIMUM_LORAS = 10
_STRONGEST = 10.0
_SHOWN = 5
_NONE = frozenset({"", "none", "off", "-"})


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA somebody picked; no strength means the workflow's own."""

    name: str
    strength: float | None = None
    clip_strength: float | None = None
    """For the text encoder, where it differs."""

    def __str__(self) -> str:
        return ":".join(
            [self.name, *(f"{each:g}" for each in (self.strength, self.clip_strength) if each is not None)]
        )


def read_lora(text: str) -> Lora:
    """Read `name`, `name:0.8` or `name:0.8:0.6`, the last for the text encoder; raises `UserError`."""
    name, colon, number = text.strip().rpartition(":")
    last = _strength(number) if colon else None
    if last is None:
        return Lora(text.strip())
    first_name, colon, first_number = name.rpartition(":")
    first = _strength(first_number) if colon else None
    return Lora(name.strip(), last) if first is None else Lora(first_name.strip(), first, last)


def parse_loras(text: str) -> tuple[Lora, ...]:
    """Read `name:0.8, other:0.5`; `none` and nothing mean no LoRA. Raises `UserError`."""
    found: list[Lora] = []
    for part in text.split(","):
        lora = read_lora(part)
        if not is_none(lora.name):
            found.append(lora)
    if len(found) > MAXIMUM_LORAS:
        raise UserError("lora takes at most {limit} LoRAs at once.", limit=MAXIMUM_LORAS).about("lora")
    return tuple(found)


def is_none(name: str) -> bool:
    """Tell whether a name is one of the words for no LoRA."""
    return name.strip().casefold() in _NONE


def _strength(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value) or abs(value) > _STRONGEST:
        raise _bad_strength()
    return value


def _bad_strength() -> UserError:
    return UserError(
        "The strength of a LoRA is a number from {minimum} to {maximum}, such as name:0.8.",
        minimum=-10,
        maximum=10,
    ).about("lora")


def resolve_loras(picks: Iterable[Lora], offered: Sequence[str] | None) -> tuple[Lora, ...]:
    """Return the picks with the server's own file names; raises `UserError` naming near misses."""
    found: list[Lora] = []
    for pick in picks:
        file = pick.name if offered is None else match_file(pick.name, offered)
        if file is None and match_file(pick.name.rpartition(":")[0], offered or ()) is not None:
            raise _bad_strength()
        if file is None:
            raise unknown_lora(pick.name, offered or ())
        found.append(Lora(file, pick.strength, pick.clip_strength))
    return tuple(found)


def unknown_lora(name: str, offered: Sequence[str]) -> UserError:
    if not offered:
        return UserError("The server has no LoRAs, so {value} cannot be used.", value=name).about("lora")
    if len(offered) <= _SHOWN:
        return UserError(
            "The server has no LoRA called {value}. It has: {there}.", value=name, there=", ".join(offered)
        ).about("lora")
    near = near_misses(name, offered)
    if near:
        return UserError(
            "The server has no LoRA called {value}. Similar: {near}. It has {count} in all.",
            value=name,
            near=", ".join(near),
            count=len(offered),
        ).about("lora")
    return UserError(
        "The server has no LoRA called {value}. It has {count} others, such as: {some}.",
        value=name,
        count=len(offered),
        some=", ".join(offered[:_SHOWN]),
    ).about("lora")
