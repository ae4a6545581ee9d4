"""A Components V2 message that takes what fits and knows when it is full."""

from typing import Any

import discord

from bot.i18n import Language
from bot.ui.cards.words import named

# Discord counts 4000 characters over all texts of a message and 40 components, and answers 500 somewhat beyond
# 10 000 bytes; a little is kept back for the closing line and the buttons.
CHARACTERS = 3500
BYTES = 8600
COMPONENTS = 33
RESERVE = 300
CUSTOM_ID = 100
ENTRIES = 25
"""As many as a menu takes."""
LABEL = 100
"""Characters of an entry's label, description or value."""

NEUTRAL = 0x5865F2
TROUBLE = 0xE67E22


class Sheet:
    """Collects texts and pictures; what no longer fits is refused, never an error at Discord."""

    def __init__(self, title: str, *, colour: int = NEUTRAL) -> None:
        self._box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=colour)
        self._rows: list[discord.ui.ActionRow[Any]] = []
        self._characters = 0
        self._bytes = 0
        self._components = 1
        self.text(f"### {title}")

    def text(self, text: str) -> bool:
        """Add a paragraph; tells whether it fitted."""
        if not text or not self._take(text, 1):
            return False
        self._box.add_item(discord.ui.TextDisplay(text))
        return True

    def lines(self, lines: list[str]) -> int:
        """Add a paragraph of as many of these lines as fit; tells how many."""
        fitting: list[str] = []
        characters, encoded = self._characters, self._bytes
        for line in lines:
            characters += len(line) + 1
            encoded += len(line.encode()) + 1
            if characters > CHARACTERS or encoded > BYTES:
                break
            fitting.append(line)
        return len(fitting) if self.text("\n".join(fitting)) else 0

    def picture(self, text: str, file: str, description: str, *, spoiler: bool = False) -> bool:
        """Add a paragraph with an attached picture beside it, by attachment name; tells whether it fitted."""
        if not self._take(text, 3):
            return False
        thumbnail: discord.ui.Thumbnail[Any] = discord.ui.Thumbnail(
            f"attachment://{file}", description=description or None, spoiler=spoiler
        )
        self._box.add_item(discord.ui.Section(discord.ui.TextDisplay(text), accessory=thumbnail))
        return True

    def gallery(self, file: str, description: str) -> bool:
        """Add an attached picture in full width, by attachment name; tells whether it fitted."""
        if not self._take("", 1):
            return False
        item = discord.MediaGalleryItem(f"attachment://{file}", description=description or None)
        self._box.add_item(discord.ui.MediaGallery(item))
        return True

    def pictures(self, *pictures: discord.MediaGalleryItem) -> bool:
        """Add up to ten pictures in one gallery; tells whether it fitted."""
        if not self._take("", 1):
            return False
        self._box.add_item(discord.ui.MediaGallery(*pictures))
        return True

    def rule(self) -> None:
        """Add a thin line between two parts."""
        if self._take("", 1):
            self._box.add_item(discord.ui.Separator())

    def note(self, text: str) -> None:
        """Add a closing line in small print; there is always room for a short one."""
        self._box.add_item(discord.ui.TextDisplay(f"-# {text[:RESERVE]}"))

    def row(self, *items: discord.ui.Item[Any] | None) -> None:
        """Add a row of up to five buttons, or one menu; None is left out."""
        present = [item for item in items if item is not None]
        if present:
            self._rows.append(discord.ui.ActionRow(*present))

    def view(self) -> discord.ui.LayoutView:
        """Return the message. Its buttons live by their ids alone, so the library need not remember it."""
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(self._box)
        for row in self._rows:
            view.add_item(row)
        view.stop()
        return view

    def _take(self, text: str, components: int) -> bool:
        fits = (
            self._characters + len(text) <= CHARACTERS
            and self._bytes + len(text.encode()) <= BYTES
            and self._components + components <= COMPONENTS
        )
        if fits:
            self._characters += len(text)
            self._bytes += len(text.encode()) + 12 * components
            self._components += components
        return fits


def button(
    label: str, custom_id: str, *, enabled: bool = True, emoji: str | None = None
) -> discord.ui.Button[Any] | None:
    """Return a button; None when what it has to remember does not fit into its id."""
    if len(custom_id) > CUSTOM_ID:
        return None
    return discord.ui.Button(
        label=named(label)[:80],
        custom_id=custom_id,
        disabled=not enabled,
        emoji=emoji,
        style=discord.ButtonStyle.secondary,
    )


def pager(
    lang: Language, family: str, page: int, pages: int, state: str = ""
) -> tuple[discord.ui.Button[Any] | None, discord.ui.Button[Any] | None]:
    """Return buttons to the pages before and after; `state` is what the list has to remember besides."""
    if pages <= 1:
        return None, None
    tail = f":{state}" if state else ""
    return (
        button(lang.t("Back"), f"{family}:page:{max(page - 1, 0)}{tail}", enabled=page > 0, emoji="◀️"),
        button(lang.t("Next"), f"{family}:page:{page + 1}{tail}", enabled=page + 1 < pages, emoji="▶️"),
    )


def pages_of(total: int, size: int) -> int:
    """Return how many pages so many things take; at least one."""
    return max(1, -(-total // size))


def clamp(page: int, total: int, size: int) -> int:
    """Return the page itself, or the nearest that exists."""
    return min(max(page, 0), pages_of(total, size) - 1)


def page_note(lang: Language, page: int, total: int, size: int) -> str:
    """Return which page of how many this is."""
    return lang.t("Page {page} of {pages}", page=page + 1, pages=pages_of(total, size))


def more(lang: Language, count: int) -> str:
    """Say how many things of a list did not fit."""
    return lang.n("… and one more", "… and {n} more", count)
