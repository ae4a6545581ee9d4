"""/models: which model files there are."""

import asyncio

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.comfy import ComfyClient, ComfyError, NotFound
from bot.errors import UserError
from bot.ui.forms.suggestions import fitting
from bot.ui.interactions.components import Answer, Control, fetched, ids, numbered, permit, present
from bot.ui.interactions.replies import language
from bot.ui.requests.belonging import files_of_others
from bot.workflows.graph.files import near_misses
from cogs.models.view import Found, files_view, folders_view, matching

SEARCH = 40
AT_ONCE = 4
"""Folders asked for at a time when all are searched."""

KEEP = 60.0
"""Seconds for which the folders remembered for suggestions are not asked for again."""

SUGGEST_WITHIN = 0.2


class ModelsControl(Control, template=ids("models", "page", "open", "folders")):
    """Turns pages and opens folders."""

    async def used(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Show what was asked for."""
        await permit(interaction)
        page, state = numbered(self.argument)
        folder, _, search = state.partition("|")
        if self.action == "open":
            folder, search, page = self.chosen, "", 0
        await present(interaction, _answer(interaction, folder, search, page))


class Models(commands.Cog):
    """Shows folders and files, and searches them."""

    def __init__(self) -> None:
        self._folders: tuple[str, ...] = ()
        self._asked_at = float("-inf")

    @app_commands.command(name="models", description="See which models there are")
    @app_commands.describe(folder="Only this folder", search="Part of a name")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def models(
        self,
        interaction: discord.Interaction[ComfyBot],
        folder: str | None = None,
        search: app_commands.Range[str, 1, SEARCH] | None = None,
    ) -> None:
        """Answer with the folders, or with files."""
        await permit(interaction)
        await present(interaction, _answer(interaction, (folder or "").strip(), (search or "").strip(), 0))

    @models.autocomplete("folder")
    async def folders(
        self, interaction: discord.Interaction[ComfyBot], current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the folders as last heard of; a slow server does not hold up the typing."""
        bot = interaction.client
        now = bot.services.clock.monotonic()
        if now - self._asked_at > KEEP:
            self._asked_at = now
            try:
                client = bot.services.fleet.pick().client
                self._folders = await fetched(bot, client.model_folders(), within=SUGGEST_WITHIN)
            except (ComfyError, UserError):
                self._asked_at = now - KEEP + 5 if self._folders else float("-inf")
        return fitting(current, [(folder, folder) for folder in self._folders])


async def _answer(interaction: discord.Interaction[ComfyBot], folder: str, search: str, page: int) -> Answer:
    bot = interaction.client
    client = bot.services.fleet.pick().client
    lang = language(interaction)
    if not folder and not search:
        return Answer(folders_view(await fetched(bot, client.model_folders()), page, lang))
    found = await fetched(bot, _in_folder(client, folder) if folder else _everywhere(client))
    hidden = await files_of_others(interaction)
    shown = [each for each in matching(found, search) if each.file not in hidden]
    return Answer(files_view(shown, folder, search, page, lang))


async def _in_folder(client: ComfyClient, folder: str) -> tuple[Found, ...]:
    folders = await client.model_folders()
    try:
        # Nothing that people type becomes part of an address unless the server itself has named it.
        if folder not in folders:
            raise NotFound("no such folder")
        return tuple(Found(folder, file) for file in await client.models(folder))
    except NotFound:
        near = near_misses(folder, folders)
        if near:
            raise UserError(
                "There is no model folder “{folder}”. Similar: {near}.", folder=folder[:60], near=near
            ) from None
        raise UserError(
            "There is no model folder “{folder}”. `/models` alone shows them all.", folder=folder[:60]
        ) from None


async def _everywhere(client: ComfyClient) -> tuple[Found, ...]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(folder: str) -> tuple[Found, ...]:
        async with gate:
            try:
                return tuple(Found(folder, file) for file in await client.models(folder))
            except NotFound:
                # Listed, but without a folder on disk.
                return ()

    lists = await asyncio.gather(*(one(folder) for folder in await client.model_folders()))
    return tuple(each for found in lists for each in found)


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its controls."""
    bot.add_dynamic_items(ModelsControl)
    await bot.add_cog(Models())
