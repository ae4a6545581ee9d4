"""The menu of any message with pictures, also strangers': use one as input, make it larger, show how it was made."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.jobs.model.request import JobId
from bot.ui.actions import actions, results
from bot.ui.actions.details import command_files, details_answer
from bot.ui.actions.image_form import SENT, UseControl, sent
from bot.ui.cards.buttons import Action
from bot.ui.files.pictures import Shown, pictures_in
from bot.ui.forms.forms import returned
from bot.ui.interactions.components import Answer, beside, permit
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language
from bot.ui.requests.sources import pictures_of
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.server_nodes import known_nodes
from bot.workflows.library.imprint import Imprint, read_imprint
from cogs.message_menu.imprints import imprint_view, similar_command
from cogs.message_menu.message_menu import NO_PICTURE, PictureControl, go_on_from, job_of

Interaction = discord.Interaction[ComfyBot]


@app_commands.context_menu(name="Use as input")
@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
async def use_as_input(interaction: Interaction, message: discord.Message) -> None:
    """Ask what one of the message's pictures is to become."""
    await _go_on(interaction, message, Action.USE, results.use)


@app_commands.context_menu(name="Upscale")
@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
async def upscale(interaction: Interaction, message: discord.Message) -> None:
    """Make one of the message's pictures larger."""
    await _go_on(interaction, message, Action.UPSCALE, results.upscale)


@app_commands.context_menu(name="Show parameters")
@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
async def show_parameters(interaction: Interaction, message: discord.Message) -> None:
    """Tell how the message's pictures were made, as far as they say it."""
    await permit(interaction)
    if (job_id := await _known_job(interaction, message, with_pictures=False)) is not None:
        await actions.check_press(interaction, Action.DETAILS, job_id)
        await beside(interaction, details_answer(interaction, job_id))
        return
    shown = pictures_in(message)
    if not shown:
        raise UserError(NO_PICTURE)
    await beside(interaction, _read(interaction, shown))


async def _go_on(
    interaction: Interaction,
    message: discord.Message,
    action: Action,
    of_job: Callable[[Interaction, JobId, str], Awaitable[None]],
) -> None:
    """Do with the message's pictures what their card's button does, or what can be done without a card."""
    await permit(interaction)
    if (job_id := await _known_job(interaction, message)) is not None:
        await actions.check_press(interaction, action, job_id)
        await of_job(interaction, job_id, "")
    else:
        await go_on_from(interaction, message, action)


async def _known_job(
    interaction: Interaction, message: discord.Message, *, with_pictures: bool = True
) -> JobId | None:
    """Return the job whose card the message is; None for other messages, and for jobs that were removed since."""
    job_id = job_of(interaction, message)
    job = await interaction.client.services.jobs.find(job_id) if job_id is not None else None
    if job is None or (with_pictures and not pictures_of(job)):
        return None
    return job_id


async def _read(interaction: Interaction, shown: tuple[Shown, ...]) -> Answer:
    """Tell of the first picture that says something, and of how many say nothing."""
    lang, client = language(interaction), interaction.client
    info = known_nodes(client.services.fleet)
    for each in shown:
        async with client.services.receiver.picture(
            each, person=interaction.user.id, proxy=client.http.proxy
        ) as path:
            imprint = await asyncio.to_thread(_imprint, path, info)
        if imprint is not None:
            files = command_files(similar_command(imprint))
            if imprint.graph and (await actor_of(interaction)).operator:
                files.append(await asyncio.to_thread(_graph_file, imprint))
            return Answer(imprint_view(imprint, each.name, lang, files=files), tuple(files))
    raise UserError(
        "This picture does not say how it was made. Programs write that into the file; whoever sends it on as a "
        "screenshot, or lets it be compressed, takes it out."
    )


def _imprint(path: Path, info: ObjectInfo | None) -> Imprint | None:
    return read_imprint(path.read_bytes(), info)


def _graph_file(imprint: Imprint) -> discord.File:
    data = json.dumps(imprint.graph, indent=2, ensure_ascii=False).encode()
    return discord.File(io.BytesIO(data), "graph.json")


class Pictures(commands.Cog):
    """Hears of the forms for pictures that come back."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take in a form of ours; all others are heard by whoever made them."""
        await returned(interaction, SENT, lambda interaction, match: sent(interaction, match["draft"]))


async def setup(bot: ComfyBot) -> None:
    """Add the menus, and let the bot hear the numbers under pictures and the forms for them."""
    bot.add_dynamic_items(PictureControl, UseControl)
    await bot.add_cog(Pictures())
    for menu in (use_as_input, upscale, show_parameters):
        bot.tree.add_command(menu)
