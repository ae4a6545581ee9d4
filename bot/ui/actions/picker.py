"""Choosing one of several pictures: numbered small pictures, and a button or a menu entry for each number."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import discord

from bot.i18n import Language
from bot.jobs.model.job import JobState
from bot.ui.cards.card import COLOURS
from bot.ui.interactions.components import Answer

SHEET = "pictures.webp"
A_ROW = 5
BUTTONS = 10
"""Up to so many pictures get a button each: one tap. More would push the pictures off a phone's screen."""
ENTRIES = 25
MOST = 4 * ENTRIES

Id = Callable[[int | None, int], str]
"""Gives the custom id of a number's button, or (for None) that of the menu that begins with this number."""


def picker(
    question: str,
    numbers: Sequence[int],
    sheet: bytes | None,
    lang: Language,
    custom_id: Id,
    *,
    spoiler: bool = False,
) -> Answer:
    """Draw the question, the pictures where they can be shown, and the numbers; where not, the numbers alone."""

    def drawn(*, shown: bool) -> discord.ui.LayoutView:
        box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOURS[JobState.RUNNING])
        box.add_item(discord.ui.TextDisplay(f"**{question}**"))
        if shown:
            alt = lang.t("The pictures with their numbers, row by row from the top left")
            item = discord.MediaGalleryItem(f"attachment://{SHEET}", description=alt, spoiler=spoiler)
            box.add_item(discord.ui.MediaGallery(item))
        for row in _rows(numbers[:MOST], lang, custom_id):
            box.add_item(row)
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(box)
        view.stop()
        return view

    if sheet is None:
        return Answer(drawn(shown=False))
    return Answer(drawn(shown=True), files=(discord.File(io.BytesIO(sheet), SHEET),), bare=drawn(shown=False))


def _rows(numbers: Sequence[int], lang: Language, custom_id: Id) -> list["discord.ui.ActionRow[Any]"]:
    if len(numbers) <= BUTTONS:
        buttons: list[discord.ui.Button[Any]] = [
            discord.ui.Button(label=str(number), custom_id=custom_id(number, number)) for number in numbers
        ]
        return [
            discord.ui.ActionRow(*buttons[start : start + A_ROW]) for start in range(0, len(buttons), A_ROW)
        ]
    rows: list[discord.ui.ActionRow[Any]] = []
    for start in range(0, len(numbers), ENTRIES):
        part = numbers[start : start + ENTRIES]
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=custom_id(None, part[0]),
            placeholder=lang.t("Pictures {first} to {last}", first=part[0], last=part[-1]),
            options=[
                discord.SelectOption(label=lang.t("Picture {number}", number=number), value=str(number))
                for number in part
            ],
        )
        rows.append(discord.ui.ActionRow(menu))
    return rows
