"""Forms that come back: what was typed is kept first, then checked, and made or asked further about."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, cast

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.jobs.drafts import Arrival, Draft, outcome_of
from bot.jobs.request import InputRef
from bot.ui.asked import merged, request_of
from bot.ui.asking import CARD, fields_of, lacking, open_page
from bot.ui.attachments import check_declared
from bot.ui.formcard import form_card, trouble_card
from bot.ui.formpages import Sent, asked_in, page_about, pages, read_blindly, read_files, wants_more
from bot.ui.forms import fields_sent
from bot.ui.people import requester_of
from bot.ui.pressing import permit
from bot.ui.replies import explain, language, reply
from bot.ui.reposted import going_on
from bot.ui.submission import carry_out
from bot.ui.wishing import Wish
from bot.workflows.workflow import Workflow

Interaction = discord.Interaction[ComfyBot]


async def sent(interaction: Interaction, origin: str, draft_id: str, page: int) -> None:
    """Take in a page that was sent: keep what it says, then make it, or show what may come next."""
    await permit(interaction)
    services = interaction.client.services
    draft = await services.drafts.settled(await services.drafts.of(draft_id, interaction.user.id))
    fields, files = fields_sent(interaction), _files(interaction)
    try:
        workflow = services.library.get(draft.workflow)
    except UserError as error:
        draft = await services.drafts.change(draft, texts=read_blindly(fields))
        await _offer_again(interaction, draft, page, error)
        return
    layout = pages(workflow, draft)
    names = asked_in(layout, fields)
    draft = await _merge(interaction, workflow, draft, names, fields)
    chosen = {name: files[key] for name, key in read_files(workflow, names, fields).items() if key in files}
    again = partial(_offer_again, interaction, draft, page)
    failures = services.drafts.failures(draft)
    failed = next((failures[name] for name in failures if name not in chosen), None)
    # What is missing on a page already seen is told; what a later page asks for is asked there.
    missing = _missing(workflow, draft, chosen)
    later = origin == CARD or wants_more(fields) or bool(missing and not set(missing) & set(names))
    if failed is not None:
        await again(failed)
    elif later and not draft.quick and len(layout) > 1:
        await _guarded(again, lambda: _show_card(interaction, workflow, draft, chosen, page, origin))
    else:
        await _guarded(again, lambda: make(interaction, draft, chosen, page))


async def make(
    interaction: Interaction, draft: Draft, chosen: Mapping[str, discord.Attachment], page: int
) -> None:
    """Make a job of a draft; raises `UserError` with what is wrong with what was typed."""
    services = interaction.client.services
    workflow = services.library.get(draft.workflow)
    request = request_of(draft, workflow, await requester_of(interaction))
    arriving = {
        name: partial(_arrived, arrival)
        for name, arrival in services.drafts.arriving(draft).items()
        if name not in chosen and name not in draft.inputs
    }

    async def keep(inputs: Mapping[str, InputRef]) -> None:
        called = {name: each.filename for name, each in chosen.items()}
        await services.drafts.change(draft, inputs=inputs, files=called)

    async def refused(error: UserError) -> None:
        await _offer_again(interaction, draft, page, error)

    wish = Wish(
        request=request,
        attachments=chosen,
        pictures=arriving,
        named=True,
        kept=keep,
        refused=refused,
    )
    await carry_out(interaction, wish)


async def reopen(interaction: Interaction, draft_id: str, page: int, *, origin: str = CARD) -> None:
    """Open a page of a draft again, with what was typed."""
    await permit(interaction)
    services = interaction.client.services
    draft = await services.drafts.settled(await services.drafts.of(draft_id, interaction.user.id))
    await open_page(interaction, services.library.get(draft.workflow), draft, page, origin=origin)


async def press_make(interaction: Interaction, draft_id: str) -> None:
    """Make what a draft says, or open the page on which something is missing."""
    await permit(interaction)
    services = interaction.client.services
    draft = await services.drafts.settled(await services.drafts.of(draft_id, interaction.user.id))
    workflow = services.library.get(draft.workflow)
    missing = _missing(workflow, draft, {})
    page = next((at for at, names in enumerate(pages(workflow, draft)) if set(names) & set(missing)), 0)
    if missing:
        await open_page(interaction, workflow, draft, page, origin=CARD)
        return
    await _guarded(partial(_offer_again, interaction, draft, 0), lambda: make(interaction, draft, {}, 0))


async def _guarded(
    refused: Callable[[UserError], Awaitable[None]], act: Callable[[], Awaitable[None]]
) -> None:
    try:
        await act()
    except UserError as error:
        await refused(error)


async def _offer_again(interaction: Interaction, draft: Draft, page: int, error: UserError) -> None:
    """Say what is wrong, with a button that opens the form again as it was filled in."""
    lang = language(interaction)
    workflow = interaction.client.services.library.find(draft.workflow)
    if workflow is not None:
        page = page_about(pages(workflow, draft), error, page)
    view = trouble_card(explain(error, lang).text, draft.id, page, lang)
    await reply(interaction, view=view)


async def _show_card(
    interaction: Interaction,
    workflow: Workflow,
    draft: Draft,
    chosen: Mapping[str, discord.Attachment],
    page: int,
    origin: str,
) -> None:
    """Show what is filled in so far and what may come next; files are fetched first, which may take a while."""
    services, lang = interaction.client.services, language(interaction)
    for name, attachment in chosen.items():
        check_declared(attachment, workflow.parameters[name].type)
    on_card = origin == CARD and interaction.message is not None
    if chosen:
        if on_card:
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
        for name, attachment in chosen.items():
            kind = workflow.parameters[name].type
            ref = await services.receiver.attached(
                attachment, kind, person=interaction.user.id, check=going_on(interaction)
            )
            draft = await services.drafts.change(draft, inputs={name: ref}, files={name: attachment.filename})
    fields = fields_of(interaction, workflow, draft)
    missing = _missing(workflow, draft, {})
    view = form_card(workflow, draft, page, missing, fields, lang)
    if chosen:
        await interaction.edit_original_response(view=view)
    elif on_card:
        await interaction.response.edit_message(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


def _missing(workflow: Workflow, draft: Draft, chosen: Mapping[str, Any]) -> list[str]:
    files = {*chosen, *draft.files, *(name for name in draft.texts if _is_file(workflow, name))}
    return lacking(workflow, draft.texts, {*files, *draft.inputs})


def _is_file(workflow: Workflow, name: str) -> bool:
    return name in workflow.parameters and workflow.parameters[name].type.is_file


async def _merge(
    interaction: Interaction, workflow: Workflow, draft: Draft, names: list[str], fields: Sent
) -> Draft:
    texts = merged(workflow, draft, names, fields)
    return await interaction.client.services.drafts.change(draft, texts=texts)


async def _arrived(arrival: Arrival) -> InputRef:
    await asyncio.wait({arrival})
    outcome = outcome_of(arrival)
    if isinstance(outcome, UserError):
        raise outcome
    return outcome


def _files(interaction: Interaction) -> dict[str, discord.Attachment]:
    """Return the files that came with a form, by id."""
    data = cast("dict[str, Any]", interaction.data or {})
    resolved = cast("dict[str, Any]", data.get("resolved") or {})
    attached = cast("dict[str, Any]", resolved.get("attachments") or {})
    state = interaction._state  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - discord.py makes attachments for forms it kept in memory only
    return {str(key): discord.Attachment(data=each, state=state) for key, each in attached.items()}
