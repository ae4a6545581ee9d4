"""Going on from the pictures of any message: one at once, several after a numbered look at them."""

import asyncio
import re

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import N_
from bot.jobs.request import InputRef, JobId
from bot.ui.buttons import Action
from bot.ui.contact import contact_sheet
from bot.ui.links import message_address
from bot.ui.picker import picker
from bot.ui.pictures import Shown, keep, pictures_in
from bot.ui.pressing import Answer, Control, beside, ids, permit
from bot.ui.replies import language, log
from bot.ui.results import QUESTIONS
from bot.ui.reuse import Picture, make_larger
from bot.ui.useform import able_workflows, ask_what_to_make
from bot.ui.veil import named

Interaction = discord.Interaction[ComfyBot]
JOB = re.compile(r"job:\w+:([0-9a-f]{32})")
NO_PICTURE = N_("There is no picture in this message that I can take.")


class PictureControl(Control, template=ids("pic", Action.USE.value, Action.UPSCALE.value)):
    """A number under the pictures of a message: `pic:<action>:<what it contains>:<message>`."""

    async def used(self, interaction: Interaction) -> None:
        """Go on from the picture that was chosen."""
        await permit(interaction)
        sha256, _, message_id = self.argument.partition(":")
        ref = InputRef(sha256, "png", 0)
        content = interaction.client.services.content
        if not re.fullmatch("[0-9a-f]{64}", sha256) or not await asyncio.to_thread(content.use, ref):
            raise UserError("This picture is no longer kept. Please open the menu of the message again.")

        async def bring(_: Interaction) -> InputRef:
            return ref

        address = _address(interaction, int(message_id)) if message_id.isdecimal() else None
        await _go_on(interaction, Action(self.action), Picture(bring=bring, address=address))


async def go_on_from(interaction: Interaction, message: discord.Message, action: Action) -> None:
    """Do this with the message's picture; with several, ask which."""
    shown = pictures_in(message)
    only = next(iter(shown), None)
    if only is None:
        raise UserError(NO_PICTURE)
    if len(shown) > 1:
        if action is Action.USE:
            await able_workflows(interaction)  # says now, not after the choice, that there is none
        await beside(interaction, _ask(interaction, shown, message.id, action))
        return

    async def bring(interaction: Interaction) -> InputRef:
        return await keep(only, interaction.client.services.content, proxy=interaction.client.http.proxy)

    await _go_on(interaction, action, Picture(bring=bring, address=_address(interaction, message.id)))


def job_of(interaction: Interaction, message: discord.Message) -> JobId | None:
    """Return the job a message of ours shows, by the ids of its controls."""
    ours = interaction.client.user
    if ours is None or message.author.id != ours.id:
        return None
    found = next((JOB.match(each) for each in named(message.components, "job:")), None)
    return JobId(found[1]) if found else None


async def _go_on(interaction: Interaction, action: Action, picture: Picture) -> None:
    await (ask_what_to_make if action is Action.USE else make_larger)(interaction, picture)


async def _ask(interaction: Interaction, shown: tuple[Shown, ...], message_id: int, action: Action) -> Answer:
    content, lang = interaction.client.services.content, language(interaction)

    async def kept(each: Shown) -> InputRef | UserError:
        try:
            return await keep(each, content, proxy=interaction.client.http.proxy)
        except UserError as error:
            log.info("%s of message %s not kept: %s", each.name, message_id, error)
            return error

    outcomes = await asyncio.gather(*map(kept, shown))
    refs = {number: ref for number, ref in enumerate(outcomes, start=1) if isinstance(ref, InputRef)}
    if not refs:
        raise next(each for each in outcomes if isinstance(each, UserError))
    sheet = await contact_sheet({number: content.path(ref) for number, ref in refs.items()})

    def custom_id(number: int | None, first: int) -> str:
        return f"pic:{action}:{refs[number or first].sha256}:{message_id}"

    return picker(lang.t(QUESTIONS[action]), tuple(refs), sheet, lang, custom_id)


def _address(interaction: Interaction, message_id: int) -> str:
    return message_address(interaction.guild_id, interaction.channel_id or 0, message_id)
