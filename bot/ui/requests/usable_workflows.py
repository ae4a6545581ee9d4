"""Which workflows a person may see and use, and under which caps."""

from collections.abc import Collection

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.ui.interactions.people import actor_of, admitted, place_of
from bot.ui.requests.belonging import of_guild
from bot.workflows.binding.bind import BindLimits
from bot.workflows.model.workflow import Workflow


def caps_of(bot: ComfyBot) -> BindLimits:
    """Return the caps that go for every workflow that has none of its own."""
    limits = bot.services.limits
    return BindLimits(count=limits.count, pixels=limits.pixels, steps=limits.steps)


async def seen(interaction: discord.Interaction[ComfyBot]) -> tuple[Workflow, ...]:
    """Return what this person may see here: broken ones only with the right to have them mended."""
    actor, ours = await actor_of(interaction), of_guild(interaction)
    nsfw = place_of(interaction).nsfw
    return tuple(
        each
        for each in interaction.client.services.library.all()
        if actor.operator
        or (actor.may_moderate and ours(each))
        or (each.enabled and (nsfw or not each.nsfw) and admitted(interaction, each, actor))
    )


async def usable(interaction: discord.Interaction[ComfyBot]) -> tuple[Workflow, ...]:
    """Return the workflows this person can make something with here."""
    actor, nsfw = await actor_of(interaction), place_of(interaction).nsfw
    return tuple(
        each
        for each in interaction.client.services.library.enabled()
        if (nsfw or not each.nsfw) and admitted(interaction, each, actor)
    )


def usual(bot: ComfyBot, among: Collection[Workflow]) -> str | None:
    """Return the name of what is used unless told, by somebody who may use these; None where nothing can be."""
    try:
        return bot.services.library.pick(None, (), among).workflow.name
    except UserError:
        return None
