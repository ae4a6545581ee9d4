"""From a wish to a job with its card: the one path that commands, buttons and forms share."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import discord

from bot.client import ComfyBot
from bot.discord_errors import DISCORD_ERRORS
from bot.errors import UserError
from bot.jobs.model.job import Job, MessageRef
from bot.jobs.model.request import InputRef, Request, Value
from bot.jobs.progress.progress import Snapshot
from bot.jobs.queue.presses import Press
from bot.readable import readable
from bot.ui.cards.card import card, note_card
from bot.ui.cards.shown import Shown
from bot.ui.files.attachments import check_declared
from bot.ui.interactions.people import actor_of, permit_workflow, place_of
from bot.ui.interactions.replies import language, log, refuse, reply
from bot.ui.messages.message_api import DeliveryErrorKind, failure_of
from bot.ui.requests.allowance import few_left
from bot.ui.requests.attached import given_for, kind_of
from bot.ui.requests.bringing import bring
from bot.ui.requests.command_input import JobInput, unsuitable_defaults
from bot.ui.requests.form_open import ask, can_ask, lacking
from bot.ui.requests.job_flags import notify_as_set
from bot.ui.requests.reposted import going_on
from bot.workflows.binding.refusals import refuse_unknown
from bot.workflows.model.standard import wanted_and_not
from bot.workflows.model.workflow import Workflow

TOKEN_LIFE = 15 * 60 - 5
"""Seconds for which an interaction may be answered again, less what it took to get here."""

NOT_YET = InputRef("0" * 64, "png", 0)
"""Stands for a file that is still to be fetched."""
PATIENCE = 1.8
"""Seconds accepting may take before the person gets a first answer; Discord gives up after 3."""


async def submit_request(interaction: discord.Interaction[ComfyBot], wish: JobInput) -> None:
    """Ask for what is missing, check, download, submit, and show the card; raises `UserError` before anything shows.

    The same button pressed, or the same form sent, a second time within a moment is acknowledged and makes nothing.
    """
    press = _press(interaction)
    if press is None:
        await _submit_request(interaction, wish)
        return
    presses = interaction.client.services.presses
    with presses.carrying_out(press, interaction.created_at.timestamp()) as attempt:
        if attempt is not None:
            attempt.made = await _submit_request(interaction, wish)
        elif not interaction.response.is_done():
            log.info("interaction %s: the same was asked for a moment ago", interaction.id)
            await interaction.response.defer()


def _press(interaction: discord.Interaction[ComfyBot]) -> Press | None:
    """Return what was pressed or sent; None for a command."""
    data: Mapping[str, Any] = interaction.data or {}
    control = data.get("custom_id")
    if control is None:
        return None
    return Press(interaction.user.id, str(control), tuple(map(str, data.get("values") or ())))


async def _submit_request(interaction: discord.Interaction[ComfyBot], wish: JobInput) -> bool:
    """Do as `submit_request`; tells whether a job was accepted."""
    wish = replace(wish, request=_readable(wish.request))
    services = interaction.client.services
    workflow = services.library.get(wish.request.workflow)
    texts, negative = wanted_and_not(wish.request.values)
    await services.policy.may_generate(
        await actor_of(interaction),
        place_of(interaction),
        texts=texts,
        negative=negative,
        nsfw=workflow.nsfw,
        priority=wish.request.priority,
    )
    await permit_workflow(interaction, workflow)
    # Nobody shall wait for a file, or fill in a form, that is refused for what was given before.
    files = {*wish.request.inputs, *wish.attachments, *wish.pictures}
    refuse_unknown(workflow, {**wish.request.values, **dict.fromkeys(files, "")})
    for name, attachment in wish.attachments.items():
        with given_for(name):
            check_declared(attachment, kind_of(workflow, name))
    missing = lacking(workflow, wish.request.values, files)
    if (wish.named or "prompt" in missing) and missing and can_ask(interaction):
        quick = missing == ["prompt"] and not wish.named
        await ask(interaction, workflow, wish, quick=quick)
        return False
    if wish.attachments or wish.pictures:
        accepted = await _with_attachments(interaction, workflow, wish)
    else:
        accepted = await _submit(interaction, wish, None)
    if accepted:
        notes = [unsuitable_defaults(wish, workflow, language(interaction)), await few_left(interaction)]
        if said := "\n".join(filter(None, notes)):
            await reply(interaction, said)
    return accepted


def _readable(request: Request) -> Request:
    values: dict[str, Value] = {
        name: readable(value) if isinstance(value, str) else value for name, value in request.values.items()
    }
    requester = replace(request.requester, name=readable(request.requester.name))
    return replace(request, values=values, requester=requester)


async def _with_attachments(
    interaction: discord.Interaction[ComfyBot], workflow: Workflow, wish: JobInput
) -> bool:
    message = await _open_early(
        interaction, wish.request, language(interaction).t("📥 Receiving your picture …")
    )
    services, person = interaction.client.services, interaction.user.id
    check = going_on(interaction)
    brought: dict[str, InputRef] = {}
    accepted = False
    try:
        # Nothing is downloaded for what would be refused anyhow.
        coming = _with_inputs(wish.request, dict.fromkeys((*wish.attachments, *wish.pictures), NOT_YET))
        await services.jobs.check(coming, _declared_sizes(wish))
        for name, attachment in wish.attachments.items():
            kind = kind_of(workflow, name)
            with given_for(name):
                brought[name] = await services.receiver.attached(attachment, kind, person=person, check=check)
        for name, source in wish.pictures.items():
            with given_for(name):
                brought[name] = await bring(interaction, source)
        request = _with_inputs(wish.request, brought)
        accepted = await _submit(interaction, replace(wish, request=request), message)
    except UserError as error:
        await _withdraw(interaction, error, wish)
    except Exception:
        await _take_back(interaction)
        raise
    finally:
        if not accepted:
            await services.jobs.abandon(brought.values())
    return accepted


def _declared_sizes(wish: JobInput) -> dict[str, tuple[int, int]]:
    """Return how large the attached pictures are, by parameter, where Discord says so."""
    return {
        name: (each.width, each.height)
        for name, each in wish.attachments.items()
        if each.width is not None and each.height is not None and each.width > 0 and each.height > 0
    }


def _with_inputs(request: Request, inputs: Mapping[str, InputRef]) -> Request:
    return replace(request, inputs={**request.inputs, **inputs})


async def _withdraw(interaction: discord.Interaction[ComfyBot], error: UserError, wish: JobInput) -> None:
    await _take_back(interaction)
    if wish.refused is not None:
        await wish.refused(error)
    else:
        await refuse(interaction, error)


async def _take_back(interaction: discord.Interaction[ComfyBot]) -> None:
    try:
        await interaction.delete_original_response()
    except DISCORD_ERRORS:
        log.debug("interaction %s: its answer is not taken back", interaction.id, exc_info=True)


async def _open_early(interaction: discord.Interaction[ComfyBot], request: Request, text: str) -> MessageRef:
    answer = await interaction.response.send_message(view=note_card(text), ephemeral=request.private)
    return reference(interaction, request, answer.message_id)


async def _open_if_possible(
    interaction: discord.Interaction[ComfyBot], request: Request
) -> MessageRef | None:
    """Answer that it takes a moment; a failure must not tear down the acceptance that is under way."""
    try:
        return await _open_early(interaction, request, language(interaction).t("⏳ One moment …"))
    except DISCORD_ERRORS as error:
        log.warning("interaction %s not answered early: %s", interaction.id, error)
        return None


def reference(
    interaction: discord.Interaction[ComfyBot], request: Request, message_id: int | None = None
) -> MessageRef:
    """Return where the answer to this interaction is, or will be, shown."""
    return MessageRef(
        channel_id=interaction.channel_id or 0,
        message_id=message_id,
        token=interaction.token,
        token_expires=interaction.client.services.clock.now() + TOKEN_LIFE,
        ephemeral=request.private,
        application_id=interaction.application_id,
        size_limit=interaction.filesize_limit,
    )


async def _submit(
    interaction: discord.Interaction[ComfyBot], wish: JobInput, message: MessageRef | None
) -> bool:
    """Submit and show; tells whether the job was accepted, and raises `UserError` while nothing is shown yet."""
    services, request = interaction.client.services, wish.request
    early = message is not None
    try:
        async with asyncio.TaskGroup() as group:
            accepting = group.create_task(_accept(interaction, request, message))
            if message is None:
                done, _ = await asyncio.wait({accepting}, timeout=PATIENCE)
                if not done:
                    message = await _open_if_possible(interaction, request)
    except BaseExceptionGroup as group_error:
        if message is not None:
            await _take_back(interaction)
        raise group_error.exceptions[0] from None
    outcome = accepting.result()
    if isinstance(outcome, UserError):
        if message is None or early:
            raise outcome
        await _withdraw(interaction, outcome, wish)
        return False
    drawn = message is None
    if message is None:
        message = await _first_card(interaction, outcome)
    if outcome.message != message:
        outcome = await services.jobs.attach_first(outcome.id, message)
    if outcome.message is not None and outcome.message.token != message.token:
        # The answer took so long that the job is shown in a message of its own by now.
        await _take_back(interaction)
    else:
        services.cards.opened(outcome.id, outcome.message or message, drawn=drawn)
    await notify_as_set(interaction, outcome)
    return True


async def _accept(
    interaction: discord.Interaction[ComfyBot], request: Request, message: MessageRef | None
) -> Job | UserError:
    try:
        return await interaction.client.services.jobs.submit(
            request, message=message or reference(interaction, request)
        )
    except UserError as error:
        return error


async def _first_card(interaction: discord.Interaction[ComfyBot], job: Job) -> MessageRef:
    """Answer with the card; when that fails the job goes on, and its result finds another way to the person."""
    services = interaction.client.services
    snapshot: Snapshot = await services.jobs.snapshot(job.id)
    lang, now = language(interaction), services.clock.now()
    for plain in (False, True):
        view = card(snapshot, lang, Shown(), now=now, plain=plain)
        try:
            answer = await interaction.response.send_message(view=view, ephemeral=job.request.private)
        except DISCORD_ERRORS as error:
            log.warning("first card of job %s not shown: %s", job.id, error)
            if failure_of(error).fault is not DeliveryErrorKind.WORDS:
                break
        else:
            return reference(interaction, job.request, answer.message_id)
    return reference(interaction, job.request)
