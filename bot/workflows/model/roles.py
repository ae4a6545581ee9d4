"""How a manifest names roles: by id, or by the id of their Discord server and their name."""

import re
from dataclasses import dataclass

_ID = re.compile(r"[0-9]{1,20}")
_BOUND = re.compile(r"([0-9]{1,20}):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class BoundRole:
    """A role of one Discord server, by its name there."""

    guild_id: int
    name: str


def read_role(written: int | str) -> int | BoundRole | None:
    """Return the role that is meant: an id, or `<server id>:<name>`; None for a name alone, which is no one's."""
    if isinstance(written, int):
        return written
    text = written.strip()
    if _ID.fullmatch(text):
        return int(text)
    bound = _BOUND.fullmatch(text)
    return BoundRole(int(bound[1]), bound[2].strip()) if bound else None
