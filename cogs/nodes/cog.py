"""/nodes: what the image server's node classes take and give."""

import asyncio

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.comfy import ComfyError
from bot.errors import UserError
from bot.ui.forms.suggestions import fitting
from bot.ui.interactions.components import Answer, Control, fetched, ids, numbered, permit_moderator, present
from bot.ui.interactions.replies import language
from bot.ui.requests.belonging import of_this_server
from bot.workflows.graph.files import near_misses
from bot.workflows.graph.schema import NodeSchema, ObjectInfo
from cogs.nodes.view import classes_view, node_view

SUGGEST_WITHIN = 0.2


class NodesControl(Control, template=ids("nodes", "page", "all")):
    """Turns pages."""

    async def used(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Show the page."""
        await permit_moderator(interaction)
        page, name = numbered(self.argument)
        await present(interaction, _answer(interaction, name, page))


class Nodes(commands.Cog):
    """Shows node classes to those who make workflows."""

    @app_commands.command(name="nodes", description="Look up a node of the image server: for moderators")
    @app_commands.describe(name="The node's class or title")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.default_permissions(manage_messages=True)
    async def nodes(self, interaction: discord.Interaction[ComfyBot], name: str | None = None) -> None:
        """Answer with one class, or with the list of all."""
        await permit_moderator(interaction)
        await present(interaction, _answer(interaction, (name or "").strip(), 0))

    @nodes.autocomplete("name")
    async def names(
        self, interaction: discord.Interaction[ComfyBot], current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer classes as last heard of; a slow server does not hold up the typing."""
        try:
            await permit_moderator(interaction)
        except UserError:
            return []
        client = interaction.client.services.fleet.pick().client
        known = client.cached_object_info
        if known is None:
            try:
                known = await fetched(interaction.client, client.object_info(), within=SUGGEST_WITHIN)
            except (ComfyError, UserError):
                return []
        return fitting(current, [(_shown(name, info), name) for name, info in known.items()])


def _shown(name: str, info: object) -> str:
    title = info.get("display_name") if isinstance(info, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON of the server
    return f"{title} ({name})" if isinstance(title, str) and title and title != name else name


async def _answer(interaction: discord.Interaction[ComfyBot], name: str, page: int) -> Answer:
    bot = interaction.client
    lang = language(interaction)
    info = ObjectInfo(await fetched(bot, bot.services.fleet.pick().client.object_info()))
    if not name:
        return Answer(classes_view(sorted(info.classes, key=str.casefold), page, lang))
    node = info.node(name) or await asyncio.to_thread(_by_title, info, name)
    if node is None:
        near = near_misses(name, info.classes)
        if near:
            raise UserError("There is no node “{name}”. Similar: {near}.", name=name[:60], near=near)
        raise UserError("There is no node “{name}”. `/nodes` alone shows them all.", name=name[:60])
    return Answer(node_view(await of_this_server(interaction, node), page, lang))


def _by_title(info: ObjectInfo, name: str) -> NodeSchema | None:
    wanted = name.casefold()
    for class_type in info.classes:
        node = info.node(class_type)
        if node is not None and wanted in (class_type.casefold(), node.title.casefold()):
            return node
    return None


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its buttons."""
    bot.add_dynamic_items(NodesControl)
    await bot.add_cog(Nodes())
