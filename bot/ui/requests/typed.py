"""A command while it is being typed: what is there so far, which workflow it would go to, which numbers that takes."""

from collections.abc import Mapping
from typing import Any, cast

import discord
from discord import app_commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.ui.forms.extras import parse_extra
from bot.ui.forms.numbers import numbers_of
from bot.ui.forms.suggestions import MOST
from bot.ui.requests.usable_workflows import caps_of, usable
from bot.workflows.model.workflow import Workflow

WORKFLOW = "workflow"
NOT_ASKED = frozenset({WORKFLOW, "count", "private", "priority", "extra"})
"""Options that say nothing to a workflow."""

Interaction = discord.Interaction[ComfyBot]


def typed_so_far(interaction: Interaction) -> dict[str, str]:
    """Return what the options hold that are filled in, without the one being typed; files by their id."""
    options = cast("list[dict[str, Any]]", (interaction.data or {}).get("options") or [])
    return {
        str(option["name"]): str(option.get("value"))
        for option in options
        if not option.get("focused") and option.get("value") not in (None, "")
    }


async def meant(
    interaction: Interaction, option: str, typed: Mapping[str, str] | None = None
) -> Workflow | None:
    """Return the workflow the command would go to with this option besides; None where it would be refused."""
    typed = typed_so_far(interaction) if typed is None else typed
    library, able = interaction.client.services.library, await usable(interaction)
    if named := typed.get(WORKFLOW):
        found = library.find(named)
        return found if found in able else None
    given = {*typed, *_extra(typed), option} - NOT_ASKED
    try:
        workflow = library.pick(None, sorted(given), able).workflow
    except UserError:
        return None
    return workflow if workflow in able else None


async def offer_numbers(
    interaction: Interaction, option: str, current: object, typed: Mapping[str, str] | None = None
) -> list[app_commands.Choice[int]]:
    """Return numbers that the job would be accepted with, by what was typed so far."""
    typed = typed_so_far(interaction) if typed is None else typed
    workflow = await meant(interaction, option, typed)
    if workflow is None:
        return []
    numbers = numbers_of(workflow, option, {**_extra(typed), **typed}, caps_of(interaction.client))
    found = numbers.offered(str(current)) if numbers is not None else []
    return [app_commands.Choice(name=str(each), value=each) for each in found[:MOST]]


def _extra(typed: Mapping[str, str]) -> dict[str, str]:
    try:
        return parse_extra(typed.get("extra", ""))
    except UserError:  # told once it is sent
        return {}
