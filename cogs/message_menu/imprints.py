"""What a picture says about how it was made, for people to read and to use again."""

from collections.abc import Sequence

import discord

from bot.i18n import Language
from bot.ui.actions.command import OPTIONS, command_line
from bot.ui.actions.details import WORDS, add_settings, add_words, command_block, title_of, written
from bot.ui.cards.sheet import Sheet
from bot.ui.cards.words import escape, escape_cut
from bot.workflows.library.imprint import Imprint, Program

SIMPLE = ("negative_prompt", "seed", "steps", "cfg", "width", "height", "denoise")
"""What means the same for every program and workflow; their models and samplers have other names here."""


def imprint_view(
    imprint: Imprint, name: str, lang: Language, *, files: Sequence[discord.File] = ()
) -> discord.ui.LayoutView:
    """Draw what was read in one picture, and the files that go with it."""
    sheet = Sheet(lang.t("{name}: made with {program}", name=escape(name), program=imprint.program.value))
    add_words(sheet, imprint.values, None, lang)
    add_settings(
        sheet,
        [
            lang.t(
                "{name}: {value}",
                name=escape(title_of(each, None, lang)),
                value=escape_cut(written(value, lang), limit=200, encoded=500),
            )
            for each, value in imprint.values.items()
            if each not in WORDS
        ],
        lang,
    )
    if imprint.values.get("prompt"):
        title = lang.t("The command for something like it:")
        sheet.text(command_block(similar_command(imprint), title, lang))
    view = sheet.view()
    for file in files:
        view.add_item(discord.ui.File(file))
    return view


def similar_command(imprint: Imprint) -> str:
    """Return the command for something like it; empty where the picture does not say what it shows."""
    if not imprint.values.get("prompt"):
        return ""
    wanted = {name: imprint.values[name] for name in SIMPLE if name in imprint.values and name in OPTIONS}
    if imprint.program is Program.COMFYUI and imprint.values.get("denoise") == 1:
        wanted.pop("denoise", None)
    return command_line({"prompt": imprint.values["prompt"], **wanted})
