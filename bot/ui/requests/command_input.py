"""Wishes, and the way to them from the options of a command: of `/generate` and of the workflows' own commands."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

import discord

from bot.client import ComfyBot
from bot.errors import OptionName, UserError
from bot.i18n import Language, escape
from bot.jobs.model.request import Request
from bot.ui.forms.extras import parse_extra, typed
from bot.ui.forms.howmany import wanted
from bot.ui.interactions.components import permit
from bot.ui.interactions.people import permit_workflow, requester_of
from bot.ui.requests.defaults import filled_in
from bot.ui.requests.usable_workflows import usable
from bot.users.form_drafts import PictureSource
from bot.workflows.graph.server_nodes import known_nodes
from bot.workflows.library.choosing import left_out
from bot.workflows.model.values import Value
from bot.workflows.model.workflow import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a command was given, as it was typed and attached."""

    workflow: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    files: Mapping[str, discord.Attachment] = field(default_factory=dict[str, discord.Attachment])
    extra: str = ""
    count: int | None = None
    private: bool | None = None
    priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInput:
    """A request whose attached files are not downloaded yet."""

    request: Request
    attachments: Mapping[str, discord.Attachment] = field(default_factory=dict[str, discord.Attachment])
    pictures: Mapping[str, PictureSource] = field(default_factory=dict[str, PictureSource])
    """Pictures that are somewhere else, by the parameter they go to."""
    unsuitable: tuple[str, ...] = ()
    """Defaults of the person's own that the workflow does not take any more; said, not refused."""
    named: bool = False
    """Whether somebody chose this very workflow, and so is asked for all it wants to know."""
    refused: Callable[[UserError], Awaitable[None]] | None = None
    """Tells the person what is wrong once something was shown already; else it is told in a message of its own."""


async def wish_of(interaction: discord.Interaction[ComfyBot], given: Given) -> JobInput:
    """Return what was asked for; raises `UserError` where the options do not go together or no workflow takes them.

    Whoever may use nothing here, or not this workflow, is told that first, and nothing of what there is.
    What the person did not say is as they have set it for the workflow in their profile.
    """
    values, files, workflow = given.values, given.files, given.workflow
    await permit(interaction)
    known = interaction.client.services.library.find(workflow) if workflow is not None else None
    if known is not None:
        await permit_workflow(interaction, known)
    further = parse_extra(given.extra)
    for double in further.keys() & values.keys():
        raise UserError(
            "“{name}” is given twice: once as an option and once under extra.", name=OptionName(double)
        ).about("extra")
    if "mask" in files and "image" not in files and workflow is None:
        raise UserError("A mask needs the picture it belongs to: please attach that as image too.").about(
            "image"
        )
    pick = interaction.client.services.library.pick(
        workflow, [*values, *further, *files], await usable(interaction)
    )
    # What was spelled out under extra was meant for this workflow: it is told what it does take instead.
    without = tuple(option for option in pick.ignored if option not in further)
    said = {**values, **typed(pick.workflow, further, guild_id=interaction.guild_id)}
    number, batch = (1, {}) if given.count is None else wanted(given.count, pick.workflow)
    said = {**batch, **said}
    request = Request(
        requester=await requester_of(interaction),
        workflow=pick.workflow.name,
        values={name: value for name, value in said.items() if name not in without},
        count=number,
        left_out=without,
        private=bool(given.private),
        priority=given.priority,
    )
    request, unsuitable = await with_defaults(interaction, request, pick.workflow, given.private)
    return JobInput(
        request=request,
        attachments={name: file for name, file in files.items() if name not in without},
        unsuitable=unsuitable,
        named=workflow is not None,
    )


async def with_defaults(
    interaction: discord.Interaction[ComfyBot], request: Request, workflow: Workflow, private: bool | None
) -> tuple[Request, tuple[str, ...]]:
    """Return the request with what the person has set in their profile, and what of that suits no more."""
    services = interaction.client.services
    defaults = (await services.profiles.of(interaction.user.id)).defaults.get(workflow.name)
    if defaults is None:
        return request, ()
    if private is None and defaults.private:
        request = replace(request, private=True)
    return filled_in(request, defaults, workflow, known_nodes(services.fleet))


def unsuitable_defaults(wish: JobInput, workflow: Workflow, lang: Language) -> str:
    """Return which of the person's defaults the workflow does not take any more, in words; empty where it takes all."""
    if not wish.unsuitable:
        return ""
    return lang.t(
        "Some of your defaults do not suit “{workflow}” any more and were left out: {names}. "
        "`/profile` changes them.",
        workflow=escape(workflow.name),
        names=lang.listing(map(OptionName, wish.unsuitable)),
    )


def still_taken(request: Request, workflow: Workflow) -> Request:
    """Return an earlier request without what its workflow does not take any more, as far as the meaning stays clear."""
    without = left_out(workflow, request.values)
    return replace(request.without(*without), left_out=(*request.left_out, *without)) if without else request
