"""/status: how the image servers are."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.comfy import ComfyError
from bot.comfy.fleet import Server
from bot.errors import UserError
from bot.ui.interactions.components import Answer, Control, fetched, ids, permit, present
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language
from cogs.status.view import ServerStatus, Status, status_view

T = TypeVar("T")

WITHIN = 5.0
"""Seconds one server may take before it is shown as not answering."""


class StatusControl(Control, template=ids("status", "refresh")):
    """Looks again."""

    async def used(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Show the state as it is now."""
        await permit(interaction)
        await present(interaction, _answer(interaction))


class StatusCog(commands.Cog, name="Status"):
    """Shows how the servers are."""

    @app_commands.command(name="status", description="See how the image servers are doing")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def status(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Answer with the state of every server."""
        await permit(interaction)
        await present(interaction, _answer(interaction))


async def _answer(interaction: discord.Interaction[ComfyBot]) -> Answer:
    bot = interaction.client
    services = bot.services
    operator = (await actor_of(interaction)).operator
    servers = await asyncio.gather(*(_status_of(bot, server, operator) for server in services.fleet.servers))
    status = Status(
        servers=tuple(servers), active=len(services.jobs.active()), paused=await services.policy.paused()
    )
    return Answer(status_view(status, language(interaction)))


async def _status_of(bot: ComfyBot, server: Server, operator: bool) -> ServerStatus:
    stats, queue = await asyncio.gather(
        _or_nothing(bot, server.client.system_stats()), _or_nothing(bot, server.client.queue())
    )
    return ServerStatus(
        label=server.label if operator else None,
        link=server.listener.state,
        since=max(0.0, server.client.monotonic() - server.listener.since),
        stats=stats,
        queue=queue,
    )


async def _or_nothing(bot: ComfyBot, asking: Coroutine[Any, Any, T]) -> T | None:
    try:
        return await fetched(bot, asking, within=WITHIN)
    except (ComfyError, UserError):
        return None


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its button."""
    bot.add_dynamic_items(StatusControl)
    await bot.add_cog(StatusCog())
