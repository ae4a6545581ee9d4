"""Refusals that can be mended: what was asked for is kept as a draft, and one button opens it as a form."""

from dataclasses import replace

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.jobs.model.request import Request
from bot.ui.forms.extras import parse_extra, text_of
from bot.ui.forms.formcard import fix_card
from bot.ui.forms.formpages import OTHER, first_after
from bot.ui.forms.howmany import COUNT, can_be_several
from bot.ui.interactions.people import requester_of
from bot.ui.interactions.replies import explain, language, refuse, reply
from bot.ui.requests.attached import UnusableFileError, noted
from bot.ui.requests.command_input import Given, wish_of, with_defaults
from bot.ui.requests.submission import submit_request
from bot.ui.requests.usable_workflows import usable
from bot.users.form_drafts import Draft
from bot.workflows.graph.files import near_misses
from bot.workflows.library.choosing import Pick

Interaction = discord.Interaction[ComfyBot]


async def carry_out_command(interaction: Interaction, given: Given) -> None:
    """Make a job of what a command was given; a refusal that can be mended offers the form filled with it."""

    async def refused(error: UserError) -> None:
        draft = await _draft_of(interaction, given) if error.mendable else None
        if draft is None:
            await refuse(interaction, error)
            return
        await interaction.client.services.drafts.keep(draft)
        await offer_fix(interaction, draft, error)

    try:
        wish = await wish_of(interaction, given)
        await submit_request(interaction, replace(wish, refused=refused))
    except UserError as error:
        await refused(error)


async def offer_fix(interaction: Interaction, draft: Draft, error: UserError) -> None:
    """Say what is wrong with a draft that is kept, with a button that opens its form with what is wrong first.

    A file that cannot be used is taken out of it, so that the form asks for another one. What cannot be mended is
    said without the button.
    """
    if not error.mendable:
        await refuse(interaction, error)
        return
    services, lang = interaction.client.services, language(interaction)
    unusable = {error.option: None} if isinstance(error, UnusableFileError) else {}
    workflow = services.library.find(draft.workflow)
    await services.drafts.change(
        draft,
        attached=unusable,
        pictures=unusable,
        choosing=draft.choosing or "workflow" in error.options,
        quick=draft.quick and {*error.options} <= {"prompt"},
        first=first_after(workflow, draft, error) if workflow is not None else (),
    )
    await reply(interaction, view=fix_card(explain(error, lang).text, f"form:again:{draft.id}:0", lang))


async def _draft_of(interaction: Interaction, given: Given) -> Draft | None:
    """Return a draft of everything a command was given, as it was typed; None where no workflow can be used at all.

    What is lacking is as the person has set it in their profile, as it would have been in the job.
    """
    further, unread = _further(given)
    try:
        pick = await _workflow_for(interaction, given, further)
    except UserError:
        return None
    workflow = pick.workflow
    without = tuple(name for name in pick.ignored if name not in further)
    request = Request(
        requester=await requester_of(interaction),
        workflow=workflow.name,
        values={name: value for name, value in given.values.items() if name not in without} | further,
        private=bool(given.private),
        priority=given.priority,
    )
    request, _ = await with_defaults(interaction, request, workflow, given.private)
    texts = {name: text_of(value) for name, value in request.values.items()}
    if given.count is not None and can_be_several(workflow):
        texts[COUNT] = str(given.count)
    return Draft(
        id=interaction.client.services.drafts.new_id(),
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        workflow=workflow.name,
        texts=texts | ({OTHER: unread} if unread else {}),
        attached={name: noted(file) for name, file in given.files.items() if name not in without},
        left_out=without,
        private=request.private,
        priority=request.priority,
    )


def _further(given: Given) -> tuple[dict[str, str], str]:
    """Return what `extra` says, or else its text where that cannot be read or says something twice."""
    try:
        further = parse_extra(given.extra)
    except UserError:
        return {}, given.extra
    return ({}, given.extra) if further.keys() & given.values.keys() else (further, "")


async def _workflow_for(interaction: Interaction, given: Given, further: dict[str, str]) -> Pick:
    """Choose the workflow whose form is opened: the one that was meant, else the nearest, else the usual one.

    Raises `UserError` where this person can use none here.
    """
    library, able = interaction.client.services.library, await usable(interaction)
    wanted = [*given.values, *further, *given.files]
    if "mask" in given.files and "image" not in given.files:
        wanted.append("image")  # it will be asked for
    theirs = {each.name.casefold(): each for each in able}
    if given.workflow is not None:
        meant = given.workflow.strip().casefold()
        near = near_misses(meant, list(theirs), limit=1)
        found = next((theirs[name] for name in (meant, *near) if name in theirs), None)
        # What was named takes everything or says so; nothing is left out for it.
        return Pick(found or library.pick(None, wanted, able).workflow)
    try:
        pick = library.pick(None, wanted, able)
    except UserError:
        pick = Pick(library.default())
    return pick if pick.workflow.name.casefold() in theirs or not able else Pick(able[0])
