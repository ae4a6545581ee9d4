"""Model folders and files."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.i18n import Language
from bot.ui.cards.sheet import Sheet, button, clamp, page_note, pager, pages_of
from bot.ui.cards.words import escape_cut, named

SIZE = 20
OPTIONS = 25
OPTION = 100
LINE, LINE_BYTES = 140, 300


@dataclass(frozen=True, slots=True)
class Found:
    """A model file and the folder it is in."""

    folder: str
    file: str


def matching(found: Sequence[Found], search: str) -> tuple[Found, ...]:
    """Return the files whose name holds every word searched for, in any order."""
    words = search.casefold().split()
    return tuple(each for each in found if all(word in each.file.casefold() for word in words))


def folders_view(folders: Sequence[str], page: int, lang: Language) -> discord.ui.LayoutView:
    """Draw the list of folders, with a menu to open one of them."""
    page = clamp(page, len(folders), OPTIONS)
    here = folders[page * OPTIONS : (page + 1) * OPTIONS]
    sheet = Sheet(lang.t("Models"))
    sheet.lines(
        [f"📁 {_plain(folder)}" for folder in here] or [lang.t("The image server has no model folders.")]
    )
    sheet.note(lang.t("Choose a folder, or search in all of them with `/models search:name`."))
    usable = [folder for folder in here if len(folder) <= OPTION]
    if usable:
        sheet.row(
            discord.ui.Select(
                custom_id="models:open",
                placeholder=lang.t("Open a folder"),
                options=[discord.SelectOption(label=named(folder), value=folder) for folder in usable],
            )
        )
    sheet.row(*pager(lang, "models", page, pages_of(len(folders), OPTIONS)))
    return sheet.view()


def files_view(
    found: Sequence[Found], folder: str, search: str, page: int, lang: Language
) -> discord.ui.LayoutView:
    """Draw the files of a folder (or of all folders, when it is empty) that were searched for."""
    page = clamp(page, len(found), SIZE)
    sheet = Sheet(_title(folder, search, lang))
    here = found[page * SIZE : (page + 1) * SIZE]
    lines = [_plain(each.file) if folder else f"{_plain(each.folder)} / {_plain(each.file)}" for each in here]
    sheet.lines([f"- {line}" for line in lines] or [_nothing(search, lang)])
    files = lang.n("One file", "{n} files", len(found))
    several = pages_of(len(found), SIZE) > 1
    if found:
        sheet.note(f"{files} · {page_note(lang, page, len(found), SIZE)}" if several else files)
    sheet.row(
        button(lang.t("Folders"), "models:folders", emoji="📁"),
        *pager(lang, "models", page, pages_of(len(found), SIZE), f"{folder}|{search}"),
    )
    return sheet.view()


def _title(folder: str, search: str, lang: Language) -> str:
    if folder and search:
        return lang.t("Models in {folder} with “{search}”", folder=_plain(folder), search=_plain(search))
    if folder:
        return lang.t("Models in {folder}", folder=_plain(folder))
    return lang.t("Models with “{search}”", search=_plain(search))


def _nothing(search: str, lang: Language) -> str:
    if search:
        return lang.t("No matches. Try a shorter word.")
    return lang.t("This folder is empty.")


def _plain(text: str) -> str:
    return escape_cut(" ".join(text.split()), limit=LINE, encoded=LINE_BYTES)
