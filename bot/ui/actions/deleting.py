"""Presses that delete a job: at once with a way back, or after a question where there can be none."""

from typing import Any

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.model.job import Job
from bot.jobs.model.request import JobId
from bot.ui.cards.buttons import UNDO, Action, job_button
from bot.ui.cards.card import note_card
from bot.ui.cards.words import moment
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language, reply
from bot.ui.interactions.rights import note_on_card, permit_on_card

Interaction = discord.Interaction[ComfyBot]
NOW, SURE, KEEP = "now", "sure", "keep"
"""Delete with a way back; for good; or not after all. Without a word it is a card of old that asks."""


async def delete(interaction: Interaction, job_id: JobId, argument: str) -> None:
    """Do what a button to delete a job says; the messages it stood on then say what came of it."""
    lang = language(interaction)
    job = await interaction.client.services.jobs.get(job_id)
    match argument:
        case "" if job.state.is_final:
            question = lang.t(
                "Delete #{number} for good? Its message, its files and its place in the history go.",
                number=job.number,
            )
            await reply(interaction, view=_question(job, question, lang))
        case _ if not job.state.is_final:
            raise UserError("This is not finished yet. Cancel it first.")
        case "now":
            await _with_a_way_back(interaction, job, lang)
        case "sure":
            await interaction.response.defer()
            await interaction.client.services.cards.delete_at_once(job, by=interaction.user.id)
            await note_on_card(interaction, "delete", job)
            await _panel(interaction, note_card(lang.t("🗑️ #{number} is deleted.", number=job.number)))
        case "keep":
            await interaction.response.edit_message(
                view=note_card(lang.t("#{number} stays as it is.", number=job.number)), attachments=[]
            )
        case _:
            raise UserError("This button no longer works.")


async def undo(interaction: Interaction, job_id: JobId) -> None:
    """Bring a deleted job back, for whoever deleted it."""
    services = interaction.client.services
    deletion = await services.jobs.deletion(job_id)
    if deletion is None:
        raise UserError("There is nothing to bring back here.")
    services.policy.may_undo(await actor_of(interaction), by=deletion.by)
    await interaction.response.defer()
    job = await services.cards.undelete(job_id)
    here = interaction.message
    if (
        here is not None
        and here.flags.ephemeral
        and (job.message is None or job.message.message_id != here.id)
    ):
        lang = language(interaction)
        await _panel(interaction, note_card(lang.t("↩️ #{number} is back.", number=job.number)))


async def delete_row(
    interaction: Interaction, job: Job, lang: Language
) -> "discord.ui.ActionRow[Any] | None":
    """Return the button to delete a job, for those who may and once it has ended."""
    if not job.state.is_final:
        return None
    try:
        await permit_on_card(interaction, Action.DELETE, job)
    except UserError:
        return None
    return discord.ui.ActionRow(job_button(Action.DELETE, job.id, lang, argument=NOW))


async def _with_a_way_back(interaction: Interaction, job: Job, lang: Language) -> None:
    await interaction.response.defer()
    gone = await interaction.client.services.cards.delete(job, by=interaction.user.id)
    if gone is None and job.delivered_at is None:
        question = lang.t(
            "#{number} is still being delivered, so there will be no way back. Delete its files and its place in the "
            "history for good?",
            number=job.number,
        )
        await _panel(interaction, _question(job, question, lang))
        return
    if gone is None or gone.deletion is None:
        question = lang.t(
            "I cannot change the message of #{number}, so there will be no way back. Delete its files and its place in "
            "the history for good?",
            number=job.number,
        )
        await _panel(interaction, _question(job, question, lang))
        return
    await note_on_card(interaction, "delete", job)
    said = lang.t(
        "🗑️ #{number} is deleted, and gone for good {time}.",
        number=job.number,
        time=moment(gone.deletion.until),
    )
    back = job_button(Action.DELETE, job.id, argument=UNDO, label=lang.t("Undo"))
    await _panel(interaction, note_card(said).add_item(discord.ui.ActionRow(back)))


def _question(job: Job, text: str, lang: Language) -> discord.ui.LayoutView:
    sure = job_button(Action.DELETE, job.id, argument=SURE, label=lang.t("Delete for good"))
    keep: discord.ui.Button[Any] = discord.ui.Button(
        label=lang.t("Keep"), custom_id=f"job:{Action.DELETE}:{job.id}:{KEEP}"
    )
    return note_card(text).add_item(discord.ui.ActionRow(sure, keep))


async def _panel(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Change the message that only this person sees, on which the button stood."""
    await interaction.edit_original_response(view=view, attachments=[])
