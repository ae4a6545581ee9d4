"""Results of ours that come back as attached files: who may not go on from a card may not by its picture either."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import discord

from bot.client import ComfyBot
from bot.policy.rules import Who
from bot.reception import Check
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.rights import card_of
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.server_nodes import known_nodes
from bot.workflows.library.imprint import read_imprint
from bot.workflows.model.values import Value

Interaction = discord.Interaction[ComfyBot]


def going_on(interaction: Interaction) -> Check:
    """Return what looks at a file that this person wants to use, and raises `UserError` where the guild's rule forbids it."""
    return partial(_check, interaction)


async def _check(interaction: Interaction, path: Path) -> None:
    services, guild_id = interaction.client.services, interaction.guild_id
    if guild_id is None or (await services.policy.rules(guild_id)).going_on is Who.ANYONE:
        return
    imprint = await asyncio.to_thread(_imprint, path, known_nodes(services.fleet))
    jobs = await services.recognition.jobs_of(guild_id, path, imprint)
    cards = [await card_of(interaction, job) for job in jobs]
    await services.policy.may_go_on_from_file(await actor_of(interaction), cards)


def _imprint(path: Path, info: ObjectInfo | None) -> Mapping[str, Value] | None:
    found = read_imprint(path.read_bytes(), info)
    return found.values if found is not None else None
