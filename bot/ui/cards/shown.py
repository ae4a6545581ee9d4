"""What is attached to a card's message, and what is said about what is not."""

from dataclasses import dataclass

from bot.i18n import Language
from bot.ui.cards.words import escape, megabytes

MOST_NAMES = 3
"""So many files are named in one sentence; the others are counted."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A file that could not be attached: its bytes, and how many would have been possible; 0 if nobody knows."""

    name: str
    size: int
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is attached to the message, by attachment name, and what cannot be."""

    preview: str | None = None
    gallery: tuple[str, ...] = ()
    """Pictures and videos, at most ten."""
    files: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    """File name and address of what is too large to attach."""
    too_large: tuple[TooLarge, ...] = ()
    later: tuple[str, ...] = ()
    """What the image server does not give now, though it may have it."""
    gone: tuple[str, ...] = ()
    sides: tuple[tuple[int, int], ...] = ()
    """Widths and heights of all the job's files in pixels, each pair once."""
    copies: tuple[str, ...] = ()
    """For each of the job's files that is a smaller copy of what was made, its extension."""
    following: int = 0
    """How many files follow in further messages."""
    delayed: tuple[str, ...] = ()
    """What Discord does not take now, though it may later."""
    missing: tuple[str, ...] = ()
    """What no way is open for."""
    astray: tuple[str, ...] = ()
    """What may stand in a private message that cannot be looked at any more."""
    deleted_in: int | None = None
    """The channel that somebody deleted the job's card in, so that this came directly."""
    parting: bool = False
    """Whether this is the last change of a private card before its interaction's token dies."""
    restarting: bool = False
    """Whether the bot is about to stop while the job goes on."""


KINDS = {"webp": "WebP", "jpg": "JPEG", "jpeg": "JPEG", "ogg": "Ogg", "opus": "Opus", "webm": "WebM"}
MOST_SIDES = 3


def measures(shown: Shown, lang: Language) -> list[str]:
    """Return how large the files are in pixels, and which of them are not as they were made."""
    sizes = [f"{width}×{height}" for width, height in shown.sides[:MOST_SIDES]]
    told = [", ".join([*sizes, "…"] if len(shown.sides) > MOST_SIDES else sizes)] if sizes else []
    if shown.copies:
        kinds = dict.fromkeys(KINDS.get(each.lower(), each.upper()) for each in shown.copies)
        told.append(
            lang.n(
                "smaller copy: {kinds}",
                "{n} smaller copies: {kinds}",
                len(shown.copies),
                kinds=", ".join(kinds),
            )
        )
    return told


def remarks(shown: Shown, lang: Language) -> list[str]:
    """Return a line for everything that is not where the person would look for it, and where it is."""
    lines = [
        lang.t(
            "{name} is too large for Discord: [open it here](<{address}>)", name=escape(name), address=address
        )
        for name, address in shown.links[:3]
    ]
    lines += [_too_large(file, lang) for file in shown.too_large[:3]]
    lines += [
        lang.t("{name} is no longer on the image server.", name=escape(name)) for name in shown.gone[:3]
    ]
    lines += [
        lang.t(
            "{name} could not be fetched from the image server. Look in /history later.", name=escape(name)
        )
        for name in shown.later[:3]
    ]
    if shown.delayed:
        lines.append(
            lang.t(
                "Discord does not take {names} at the moment. I keep trying.",
                names=_names(shown.delayed, lang),
            )
        )
    if shown.parting:
        lines.append(
            lang.t(
                "Discord lets me change a private message for a quarter of an hour only: this one stays as it is now. "
                "I will send you the result directly."
            )
        )
    if shown.deleted_in is not None:
        lines.append(
            lang.t(
                "📪 Its message in <#{channel}> was deleted, so I send it to you directly.",
                channel=str(shown.deleted_in),
            )
        )
    if shown.astray:
        lines.append(
            lang.t(
                "Look for {names} in the message that only you see. "
                "If something is not there, look in /history.",
                names=_names(shown.astray, lang),
            )
        )
    if shown.missing:
        lines.append(lang.t("I could not send {names}. Look in /history.", names=_names(shown.missing, lang)))
    if (following := shown.following - len(shown.missing)) > 0:
        lines.append(lang.n("{n} more file follows below.", "{n} more files follow below.", following))
    return lines


def _too_large(file: TooLarge, lang: Language) -> str:
    name, size = escape(file.name), megabytes(file.size)
    if not file.limit:
        return lang.t("{name} ({size} MB) is too large for Discord, even made smaller.", name=name, size=size)
    return lang.t(
        "{name} has {size} MB, and only {limit} MB can be sent here. It could not be made small enough: "
        "try a shorter or smaller one.",
        name=name,
        size=size,
        limit=megabytes(file.limit),
    )


def _names(names: tuple[str, ...], lang: Language) -> str:
    some = [escape(name) for name in names[:MOST_NAMES]]
    if len(names) > MOST_NAMES:
        some.append(lang.n("{n} more file", "{n} more files", len(names) - MOST_NAMES))
    return lang.listing(some)
