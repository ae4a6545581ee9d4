"""What a picture says about how it was made, for people to read and to use again."""

import discord

from bot.i18n import Language
from bot.ui.command import OPTIONS, command_line
from bot.ui.details import WORDS, WORDS_BYTES, command_block, title_of, written
from bot.ui.listing.sheet import Sheet
from bot.ui.words import cut_escaped, escape, quoted
from bot.workflows.imprint import Imprint, Program

SIMPLE = ("negative_prompt", "seed", "steps", "cfg", "width", "height", "denoise")
"""What means the same for every program and workflow; their models and samplers have other names here."""


def imprint_view(
    imprint: Imprint, name: str, lang: Language, *, file: discord.File | None = None
) -> discord.ui.LayoutView:
    """Draw what was read in one picture; `file` is its graph."""
    sheet = Sheet(lang.t("{name}: made with {program}", name=escape(name), program=imprint.program.value))
    words = {"prompt", "negative_prompt"}
    for each in ("prompt", "negative_prompt"):
        if text := str(imprint.values.get(each, "")):
            said = quoted(text, limit=WORDS, encoded=WORDS_BYTES)
            sheet.text(f"**{escape(title_of(each, None, lang))}**\n> {said}")
    sheet.lines(
        [
            lang.t(
                "{name}: {value}",
                name=escape(title_of(each, None, lang)),
                value=cut_escaped(escape(written(value, lang)), limit=200, encoded=500),
            )
            for each, value in imprint.values.items()
            if each not in words
        ]
    )
    if imprint.values.get("prompt"):
        sheet.text(command_block(_command(imprint), lang.t("The command for something like it:"), lang))
    view = sheet.view()
    if file is not None:
        view.add_item(discord.ui.File(file))
    return view


def _command(imprint: Imprint) -> str:
    wanted = {name: imprint.values[name] for name in SIMPLE if name in imprint.values and name in OPTIONS}
    if imprint.program is Program.COMFYUI and imprint.values.get("denoise") == 1:
        wanted.pop("denoise", None)
    return command_line({"prompt": imprint.values["prompt"], **wanted})
