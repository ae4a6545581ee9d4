"""From the options of a command to a wish: the same for `/generate` and for the workflows' own commands."""

from collections.abc import Mapping
from dataclasses import replace

import discord

from bot.client import ComfyBot
from bot.errors import OptionName, UserError
from bot.jobs.request import Request
from bot.ui.defaults import filled_in
from bot.ui.extras import parse_extra, typed
from bot.ui.people import requester_of
from bot.ui.submission import Wish
from bot.workflows.schema import ObjectInfo
from bot.workflows.values import Value
from bot.workflows.workflow import Workflow


async def wish_of(
    interaction: discord.Interaction[ComfyBot],
    workflow: str | None,
    values: Mapping[str, Value],
    files: Mapping[str, discord.Attachment],
    *,
    extra: str = "",
    count: int = 1,
    private: bool | None = None,
    priority: bool = False,
) -> Wish:
    """Return what was asked for; raises `UserError` where the options do not go together or no workflow takes them.

    What the person did not say is as they have set it for the workflow in their profile.
    """
    further = parse_extra(extra)
    for double in further.keys() & values.keys():
        raise UserError(
            "“{name}” is given twice: once as an option and once under extra.", name=OptionName(double)
        )
    if "mask" in files and "image" not in files and workflow is None:
        raise UserError("A mask needs the picture it belongs to: please attach that as image too.")
    pick = interaction.client.services.library.pick(workflow, [*values, *further, *files])
    # What was spelled out under extra was meant for this workflow: bind names what it does take instead.
    ignored = tuple(option for option in pick.ignored if option not in further)
    given = {**values, **typed(pick.workflow, further, guild_id=interaction.guild_id)}
    request = Request(
        requester=await requester_of(interaction),
        workflow=pick.workflow.name,
        values={name: value for name, value in given.items() if name not in ignored},
        count=count,
        private=bool(private),
        priority=priority,
    )
    request, unsuitable = await _with_defaults(interaction, request, pick.workflow, private)
    kept = {name: file for name, file in files.items() if name not in ignored}
    return Wish(
        request=request,
        attachments=kept,
        ignored=ignored,
        unsuitable=unsuitable,
        named=workflow is not None,
    )


async def _with_defaults(
    interaction: discord.Interaction[ComfyBot], request: Request, workflow: Workflow, private: bool | None
) -> tuple[Request, tuple[str, ...]]:
    services = interaction.client.services
    defaults = (await services.profiles.of(interaction.user.id)).defaults.get(workflow.name)
    if defaults is None:
        return request, ()
    if private is None and defaults.private:
        request = replace(request, private=True)
    raw = services.fleet.pick().client.cached_object_info
    return filled_in(request, defaults, workflow, ObjectInfo(raw) if raw is not None else None)
