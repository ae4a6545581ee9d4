"""What people put on a job: their favourite, a spoiler over its files, and the wish to be told of its end."""

import asyncio

import discord

from bot.client import ComfyBot
from bot.discord_errors import DISCORD_ERRORS
from bot.errors import UserError
from bot.i18n import Language, language_for
from bot.jobs.model.job import Job, MessageRef
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.model.request import JobId
from bot.ui.cards.buttons import Action, job_button
from bot.ui.cards.card import note_card
from bot.ui.cards.spoiler import veiled
from bot.ui.interactions.people import locale_of
from bot.ui.interactions.replies import language, log, reply
from bot.ui.messages.message_api import NOBODY
from bot.users.marks import Reminder
from bot.users.profile import Notify

Interaction = discord.Interaction[ComfyBot]
EDITING = 20.0
"""Seconds one message may take to be read or changed."""
DIRECTLY, HERE, OFF = "dm", "here", "off"


async def favourite(interaction: Interaction, job_id: JobId) -> None:
    """Add the job to the person's favourites, or take it out of them."""
    services, lang = interaction.client.services, language(interaction)
    try:
        favour = await services.marks.favour(job_id, interaction.user.id, at=services.clock.now())
    except LookupError:
        raise UserError("This job is no longer known here.") from None
    if not favour.own:
        await reply(interaction, lang.t("Removed from your favourites."))
        return
    await reply(
        interaction,
        lang.n(
            "⭐ Added to your favourites.",
            "⭐ Added to your favourites. {n} people like it.",
            favour.count,
        ),
    )


async def spoiler(interaction: Interaction, job_id: JobId) -> None:
    """Veil the job's files in every message that shows them, or show them again; for its owner and moderators."""
    services = interaction.client.services
    before = await services.jobs.get(job_id)
    job = await services.jobs.veil(job_id, not before.spoiler)
    log.info("files of job %s: spoiler %s, by user %s", job.number, job.spoiler, interaction.user.id)
    here = interaction.message
    if here is None:
        await interaction.response.defer()
    else:
        view = veiled(here, spoiler=job.spoiler, lang=_language_of(interaction.client, job))
        await interaction.response.edit_message(view=view, allowed_mentions=NOBODY)
    failed = [
        ref
        for ref in (job.message, *job.parts.values())
        if ref is not None
        and ref.message_id is not None
        and not (here is not None and here.id == ref.message_id)
        and not await _veil_elsewhere(interaction.client, job, ref)
    ]
    if failed:
        lang = language(interaction)
        await reply(
            interaction, lang.t("I could not change every message of this job. Press again to retry.")
        )


def _language_of(bot: ComfyBot, job: Job) -> Language:
    """Return the language to show a job in: the one its owner has set since, else the one it was asked for in."""
    requester = job.request.requester
    return language_for(bot.services.profiles.language(requester.user_id), requester.locale)


async def _veil_elsewhere(bot: ComfyBot, job: Job, ref: MessageRef) -> bool:
    """Change a message that was not the one pressed; tells whether it shows the files as it should now."""
    if ref.ephemeral or ref.message_id is None:
        return True  # only its owner sees it, and nobody can change it any more
    lang = _language_of(bot, job)
    try:
        async with asyncio.timeout(EDITING):
            message = await bot.get_partial_messageable(ref.channel_id).fetch_message(ref.message_id)
            view = veiled(message, spoiler=job.spoiler, lang=lang)
            await message.edit(view=view, allowed_mentions=NOBODY)
    except discord.NotFound:
        return True
    except DISCORD_ERRORS as error:
        log.info("message %s of job %s not changed: %s", ref.message_id, job.number, error)
        return False
    return True


async def notify(interaction: Interaction, job_id: JobId, argument: str) -> None:
    """Note that the person wants to be told when the job has ended, where it is shown or directly; or not any more."""
    services, lang = interaction.client.services, language(interaction)
    if argument == OFF:
        await services.marks.reminded(job_id, interaction.user.id)
        await _answer(interaction, note_card(lang.t("OK, I will not notify you.")))
        return
    job = await services.jobs.get(job_id)
    rather = DIRECTLY if (await services.profiles.of(interaction.user.id)).notify is Notify.DIRECT else HERE
    # What only its owner may see is never spoken of in the channel.
    direct = job.request.private or (argument or rather) == DIRECTLY
    wish = Reminder(user_id=interaction.user.id, locale=locale_of(interaction), direct=direct)
    if not job.state.is_final:
        await services.marks.remind(job_id, wish)
        job = await services.jobs.get(job_id)
    if job.state.is_final and job.delivered_at is not None:
        await services.marks.reminded(job_id, interaction.user.id)
        raise UserError("This job has already ended.")
    await _answer(interaction, _promise(job, lang, direct=direct))


async def notify_as_set(interaction: Interaction, job: Job) -> None:
    """Note that the person wants to be told of the end, where that is what they have set for all their jobs."""
    services, user_id = interaction.client.services, interaction.user.id
    try:
        how = (await services.profiles.of(user_id)).notify
        if how is Notify.NEVER:
            return
        direct = job.request.private or how is Notify.DIRECT
        wish = Reminder(user_id=user_id, locale=locale_of(interaction), direct=direct)
        await services.marks.remind(job.id, wish)
        if (await services.jobs.get(job.id)).delivered_at is not None:
            await services.marks.reminded(job.id, user_id)
    except (StoreUnavailable, LookupError, UserError) as error:
        # The job is accepted: whether its end is announced is of less weight.
        log.info("job %s: its end is not announced: %s", job.number, error)


def _promise(job: Job, lang: Language, *, direct: bool) -> discord.ui.LayoutView:
    if direct:
        text = lang.t("🔔 I will send you a message when #{number} is done.", number=job.number)
    else:
        text = lang.t("🔔 I will mention you here when #{number} is done.", number=job.number)
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
    if not direct:
        row.add_item(
            job_button(Action.NOTIFY, job.id, argument=DIRECTLY, label=lang.t("By direct message instead"))
        )
    elif not job.request.private:
        row.add_item(job_button(Action.NOTIFY, job.id, argument=HERE, label=lang.t("Here instead")))
    row.add_item(job_button(Action.NOTIFY, job.id, argument=OFF, label=lang.t("Do not notify me")))
    view = note_card(text)
    view.add_item(row)
    return view


async def _answer(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Answer in the message that only this person sees: a new one beside a card, else the one that was pressed."""
    here = interaction.message
    if here is not None and here.flags.ephemeral and interaction.data and ":" in _argument(interaction):
        await interaction.response.edit_message(view=view)
    else:
        await reply(interaction, view=view)


def _argument(interaction: Interaction) -> str:
    custom_id = str((interaction.data or {}).get("custom_id", ""))
    return custom_id[len(f"job:{Action.NOTIFY}:") + 32 :]
