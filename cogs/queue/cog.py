"""/queue: what runs and what waits."""

import asyncio

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.comfy import ComfyClient, ComfyError, QueueSnapshot
from bot.errors import UserError
from bot.jobs.model.request import JobId
from bot.jobs.progress.progress import Snapshot
from bot.ui.cards.titles import titled
from bot.ui.interactions.components import Answer, Control, fetched, ids, numbered, permit, present
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language
from bot.ui.interactions.rights import viewer_among
from cogs.queue.view import Board, board_of, queue_view, strangers

WITHIN = 5.0
"""Seconds one server may take to tell its queue before the list is shown without it."""


class QueueControl(Control, template=ids("queue", "page", "refresh")):
    """Turns the pages of the queue and looks again."""

    async def used(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Show the page as it is now."""
        await permit(interaction)
        page, _ = numbered(self.argument)
        await present(interaction, _answer(interaction, page))


class Queue(commands.Cog):
    """Shows the queue."""

    @app_commands.command(name="queue", description="See what is running and what is waiting")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def queue(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Answer with the first page."""
        await permit(interaction)
        await present(interaction, _answer(interaction, 0))


async def _answer(interaction: discord.Interaction[ComfyBot], page: int) -> Answer:
    bot = interaction.client
    services = bot.services
    clients = [server.client for server in services.fleet.servers]
    queues = await asyncio.gather(*(_queue_of(bot, client) for client in clients))
    lang = language(interaction)
    jobs = [titled(job, services.library, lang) for job in services.jobs.active()]
    ended = await services.jobs.by_prompt_ids(*strangers(queues, jobs))
    board = board_of(
        queues,
        jobs,
        ended=ended,
        viewer=await viewer_among(interaction, [*jobs, *ended.values()]),
        moderator=(await actor_of(interaction)).may_moderate,
        paused=await services.policy.paused(),
    )
    return Answer(queue_view(board, await _snapshots(bot, board, page), page, lang))


async def _queue_of(bot: ComfyBot, client: ComfyClient) -> QueueSnapshot | None:
    try:
        return await fetched(bot, client.queue(), within=WITHIN)
    except (ComfyError, UserError):
        return None


async def _snapshots(bot: ComfyBot, board: Board, page: int) -> dict[JobId, Snapshot]:
    found: dict[JobId, Snapshot] = {}
    for line in board.page(page):
        if line.key is not None:
            try:
                found[line.key] = await bot.services.jobs.snapshot(line.key)
            except UserError:
                # It ended and was forgotten in this very moment: its line just shows no progress.
                continue
    return found


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its buttons."""
    bot.add_dynamic_items(QueueControl)
    await bot.add_cog(Queue())
