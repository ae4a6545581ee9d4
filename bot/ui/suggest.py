"""Suggestions while somebody types: any number of candidates in, the best 25 out, from memory and at once."""

from collections.abc import Sequence

from discord import app_commands
from rapidfuzz import fuzz, process, utils

LIMIT = 25
LENGTH = 100


def suggestions(
    typed: str, candidates: Sequence[tuple[str, str]], *, limit: int = LIMIT
) -> list[app_commands.Choice[str]]:
    """Return choices for the candidates (what to show, what to send) most like what was typed, best first.

    Candidates whose value Discord could not send are left out: a cut value would name something else.
    """
    usable = [(shown, value) for shown, value in candidates if value and len(value) <= LENGTH]
    if typed.strip():
        usable = [usable[index] for index in _ranked(typed, usable)]
    return [app_commands.Choice(name=_fitting(shown), value=value) for shown, value in usable[:limit]]


def closest(typed: str, names: Sequence[str], *, limit: int = 3) -> list[str]:
    """Return the names most like what was typed, for a sentence that says it does not exist."""
    found = process.extract(
        typed, names, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=60, limit=limit
    )
    return [name for name, _, _ in found]


def _ranked(typed: str, candidates: Sequence[tuple[str, str]]) -> list[int]:
    """Return positions: first what contains the text as typed, then what is merely like it."""
    wanted = typed.casefold().strip()
    containing = [
        index
        for index, (shown, value) in enumerate(candidates)
        if wanted in shown.casefold() or wanted in value.casefold()
    ]
    containing.sort(key=lambda index: not candidates[index][0].casefold().startswith(wanted))
    if len(containing) >= LIMIT:
        return containing
    known = set(containing)
    alike = process.extract(
        typed,
        {index: shown for index, (shown, _) in enumerate(candidates) if index not in known},
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        score_cutoff=60,
        limit=LIMIT,
    )
    return containing + [index for _, _, index in alike]


def _fitting(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"
