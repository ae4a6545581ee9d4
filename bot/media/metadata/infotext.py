"""The text that Stable Diffusion web UIs write into pictures: words, then `Name: value` pairs on the last line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_PAIR = re.compile(
    r'[^\w,]*+(?P<name>\w[\w \-/.]{0,60}+):\s*+(?P<value>(?>"(?:\\.|[^\\"])*+")(?=,|$)|[^,]*+)(?:,|$)'
)
_NO_PAIR = re.compile(r"[^,]*+,")
_NEGATIVE = "Negative prompt:"
_FEWEST = 2
"""Pairs from which on a line counts as settings rather than words."""
LONGEST = 100_000
"""Characters of a text that are looked at."""
LONGEST_LINE = 20_000
"""Characters of the settings, those of add-ons and their models included; a longer line is words."""
MOST = 200
"""Settings that are read."""

NAMES = {
    "steps": "steps",
    "cfg scale": "cfg",
    "seed": "seed",
    "sampler": "sampler",
    "schedule type": "scheduler",
    "denoising strength": "denoise",
    "model": "model",
    "vae": "vae",
}
"""Their names of what we call otherwise, in small letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Infotext:
    """What was read; `settings` has our names where we have one, and theirs where we have none."""

    prompt: str = ""
    negative_prompt: str = ""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])


def parse_infotext(text: str) -> Infotext | None:
    """Read such a text; None where it is none. Never raises."""
    lines = text[:LONGEST].strip().splitlines()
    if not lines:
        return None
    pairs = _pairs(lines[-1]) if len(lines[-1]) <= LONGEST_LINE else {}
    if len(pairs) < _FEWEST or "steps" not in {name.lower() for name in pairs}:
        return None
    words, negative = "\n".join(lines[:-1]), ""
    if _NEGATIVE in words:
        words, _, negative = words.partition(_NEGATIVE)
    return Infotext(prompt=words.strip(), negative_prompt=negative.strip(), settings=_ours(pairs))


def _pairs(line: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while len(found) < MOST:
        match = _PAIR.match(line, at)
        if match is not None:
            found[match["name"].strip()] = match["value"].strip().strip('"')
        elif (match := _NO_PAIR.match(line, at)) is None:
            break
        at = match.end()
    return found


def _ours(pairs: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs.items():
        size = re.fullmatch(r"(\d+)x(\d+)", value) if name == "Size" else None
        if size is not None:
            found |= {"width": size[1], "height": size[2]}
        elif value:
            found[NAMES.get(name.lower(), name)] = value
    return found
