"""Going on from the pictures of any message: one at once, several after a numbered look at them."""

import re
from contextlib import AsyncExitStack
from pathlib import Path

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import N_
from bot.jobs.model.request import JobId
from bot.ui.actions.image_form import able_workflows, ask_what_to_make
from bot.ui.actions.picker import picker
from bot.ui.actions.results import QUESTIONS
from bot.ui.actions.reuse import Picture, make_larger
from bot.ui.cards.buttons import Action
from bot.ui.cards.links import message_address
from bot.ui.cards.spoiler import named
from bot.ui.files.pictures import Shown, pictures_in
from bot.ui.interactions.components import Answer, Control, beside, ids, permit, snowflake
from bot.ui.interactions.replies import language, log
from bot.ui.requests.bringing import key_of, source_of
from bot.users.form_drafts import MessagePicture

Interaction = discord.Interaction[ComfyBot]
JOB = re.compile(r"job:\w+:([0-9a-f]{32})")
NO_PICTURE = N_("There is no picture in this message that I can use.")


class PictureControl(Control, template=ids("pic", Action.USE.value, Action.UPSCALE.value)):
    """A number under the pictures of a message: `pic:<action>:<which picture>:<message>`; see `key_of`."""

    async def used(self, interaction: Interaction) -> None:
        """Go on from the picture that was chosen."""
        await permit(interaction)
        key, _, message_id = self.argument.partition(":")
        message = snowflake(message_id)
        if message is None:
            raise UserError("This picture is no longer kept. Please open the menu of the message again.")
        source = MessagePicture(message=message, key=key)
        picture = Picture(source=source, address=_address(interaction, message))
        await _go_on(interaction, Action(self.action), picture)


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
    picture = Picture(source=source_of(only), address=_address(interaction, message.id))
    await _go_on(interaction, action, picture)


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
    """Ask which picture is meant; nothing of them stays with us."""
    client, lang = interaction.client, language(interaction)
    failures: list[UserError] = []
    async with AsyncExitStack() as stack:
        there: dict[int, Path] = {}
        for number, each in enumerate(shown, start=1):
            try:
                download = client.services.receiver.picture(
                    each, person=interaction.user.id, proxy=client.http.proxy
                )
                there[number] = await stack.enter_async_context(download)
            except UserError as error:
                log.info("%s of message %s not shown: %s", each.name, message_id, error)
                failures.append(error)
        if not there:
            raise failures[0]
        sheet = await client.services.decoder.sheet(there, person=interaction.user.id)

    def custom_id(number: int | None, first: int) -> str:
        return f"pic:{action}:{key_of(shown[(number or first) - 1], number or first)}:{message_id}"

    return picker(lang.t(QUESTIONS[action]), tuple(there), sheet, lang, custom_id)


def _address(interaction: Interaction, message_id: int) -> str:
    return message_address(interaction.guild_id, interaction.channel_id or 0, message_id)
