"""Forms that come back: what was typed is kept first, then checked, and made or asked further about."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.ui.files.attachments import check_declared
from bot.ui.forms.asked import merged, moved, request_of
from bot.ui.forms.formcard import form_card
from bot.ui.forms.formpages import asked_in, pages, read_blindly, read_files, read_others, wants_more
from bot.ui.forms.forms import fields_sent
from bot.ui.interactions.components import permit
from bot.ui.interactions.people import requester_of
from bot.ui.interactions.replies import language
from bot.ui.requests.attached import attachment_from, attachment_of, given_for, kind_of, noted
from bot.ui.requests.command_input import JobInput
from bot.ui.requests.fixing import offer_fix
from bot.ui.requests.form_open import CARD, fields_of, lacking, open_page
from bot.ui.requests.submission import submit_request
from bot.users.form_drafts import Draft
from bot.workflows.model.workflow import Workflow

Interaction = discord.Interaction[ComfyBot]


async def sent(interaction: Interaction, origin: str, draft_id: str, page: int) -> None:
    """Take in a page that was sent: keep what it says, then make it, or show what may come next."""
    await permit(interaction)
    services = interaction.client.services
    draft = await services.drafts.of(draft_id, interaction.user.id)
    fields = fields_sent(interaction)
    attached = {name: noted(file) for name, file in _files(interaction, read_files(fields)).items()}
    try:
        workflow = services.library.get(draft.workflow)
    except UserError as error:
        draft = await services.drafts.change(draft, texts=read_blindly(fields), attached=attached)
        await offer_fix(interaction, draft, error)
        return
    names = asked_in(pages(workflow, draft), fields)
    texts = merged(workflow, draft, names, fields) | dict.fromkeys(attached)
    others = read_others(fields)
    chosen = others.get("workflow", workflow.name)
    if chosen != workflow.name:
        texts = moved(services.library.find(chosen), texts)
    draft = await services.drafts.change(draft, texts=texts, attached=attached, **others)
    try:
        await _make_or_go_on(interaction, draft, page, names, origin, wants_more(fields))
    except UserError as error:
        await offer_fix(interaction, draft, error)


async def _make_or_go_on(
    interaction: Interaction, draft: Draft, page: int, names: list[str], origin: str, more: bool
) -> None:
    workflow = interaction.client.services.library.get(draft.workflow)
    # What is missing on a page already seen is told; what a later page asks for is asked there.
    missing = _missing(workflow, draft)
    later = origin == CARD or more or bool(missing and not set(missing) & set(names))
    if later and not draft.quick and len(pages(workflow, draft)) > 1:
        await _show_card(interaction, workflow, draft, page, origin)
    else:
        await make(interaction, draft)


async def make(interaction: Interaction, draft: Draft) -> None:
    """Make a job of a draft; raises `UserError` with what is wrong with what was typed."""
    services = interaction.client.services
    workflow = services.library.get(draft.workflow)
    request = request_of(draft, workflow, await requester_of(interaction))
    # A form has no field for what its workflow does not take, so nobody could take it out.
    unfit = tuple(
        name for name in {**draft.inputs, **draft.pictures, **draft.attached} if not workflow.takes(name)
    )
    inputs = {name: ref for name, ref in request.inputs.items() if name not in unfit}
    files: dict[str, discord.Attachment] = {}
    for name, each in draft.attached.items():
        if workflow.takes(name):
            with given_for(name):
                files[name] = attachment_of(interaction, each)
    wish = JobInput(
        request=replace(request, inputs=inputs, left_out=(*request.left_out, *unfit)),
        attachments=files,
        pictures={name: each for name, each in draft.pictures.items() if name not in {*unfit, *files}},
        named=True,
        refused=partial(offer_fix, interaction, draft),
    )
    await submit_request(interaction, wish)


async def reopen(interaction: Interaction, draft_id: str, page: int, *, origin: str = CARD) -> None:
    """Open a page of a draft again, with what was typed."""
    await permit(interaction)
    services = interaction.client.services
    draft = await services.drafts.of(draft_id, interaction.user.id)
    await open_page(interaction, services.library.get(draft.workflow), draft, page, origin=origin)


async def press_make(interaction: Interaction, draft_id: str) -> None:
    """Make what a draft says, or open the page on which something is missing."""
    await permit(interaction)
    services = interaction.client.services
    draft = await services.drafts.of(draft_id, interaction.user.id)
    workflow = services.library.get(draft.workflow)
    missing = _missing(workflow, draft)
    page = next((at for at, names in enumerate(pages(workflow, draft)) if set(names) & set(missing)), 0)
    if missing:
        await open_page(interaction, workflow, draft, page, origin=CARD)
        return
    try:
        await make(interaction, draft)
    except UserError as error:
        await offer_fix(interaction, draft, error)


async def _show_card(
    interaction: Interaction, workflow: Workflow, draft: Draft, page: int, origin: str
) -> None:
    """Show what is filled in so far and what may come next; nothing is fetched before everything is sent."""
    for name, each in draft.attached.items():
        with given_for(name):
            check_declared(attachment_of(interaction, each), kind_of(workflow, name))
    lang = language(interaction)
    fields = await fields_of(interaction, workflow, draft)
    view = form_card(workflow, draft, page, _missing(workflow, draft), fields, lang)
    if origin == CARD and interaction.message is not None:
        await interaction.response.edit_message(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


def _missing(workflow: Workflow, draft: Draft) -> list[str]:
    files = {*draft.attached, *draft.pictures, *(name for name in draft.texts if _is_file(workflow, name))}
    return lacking(workflow, draft.texts, {*files, *draft.inputs})


def _is_file(workflow: Workflow, name: str) -> bool:
    return name in workflow.parameters and workflow.parameters[name].type.is_file


def _files(interaction: Interaction, ids: Mapping[str, str]) -> dict[str, discord.Attachment]:
    """Return the files that came with a form, by parameter; `ids` says which is whose."""
    data = cast("dict[str, Any]", interaction.data or {})
    resolved = cast("dict[str, Any]", data.get("resolved") or {})
    there = cast("dict[str, Any]", resolved.get("attachments") or {})
    return {name: attachment_from(interaction, there[key]) for name, key in ids.items() if key in there}
