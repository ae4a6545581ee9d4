"""How people are answered: in their language, in one sentence, and never with silence or a traceback."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.comfy import ComfyError, Rejected, TooLarge, Unreachable
from bot.discord_errors import DISCORD_ERRORS
from bot.errors import ClosedError, UserError
from bot.i18n import N_, Language, language_for
from bot.observe.reference import new_reference
from bot.ui.delivery_errors import DeliveryErrorKind, failure_of, is_bad_moment
from bot.ui.interactions.people import actor_of, locale_of, place_of

log = logging.getLogger(__name__)

GONE = frozenset({10062, 10015, 10003, 10008, 40060, 50027})
"""Discord's codes for: this interaction can no longer be answered (late, unknown, its channel or message gone, answered)."""

OFFERED_TO_ALL = frozenset({"cancel"})
"""Commands that the banned use too, for what is their own."""
OWNED = "owned"
"""Set in `interaction.extras` by a form or control that is at work, however long it takes to answer."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the person and, where the log says more, the reference it stands under there."""

    text: str
    reference: str | None = None


def language(interaction: discord.Interaction[Any]) -> Language:
    """Return the language to speak to the person in; see `locale_of`."""
    return language_for(locale_of(interaction))


def explain(error: BaseException, lang: Language) -> Notice:
    """Turn any error into a sentence; what the person cannot act on is logged under a reference."""
    error = _unwrap(error)
    known = _known(error, lang)
    if known is not None:
        return Notice(known)
    if is_bad_moment(error):
        log.warning("Discord did not take an answer: %s: %s", type(error).__name__, error)
        return Notice(
            lang.t("Discord did not take my answer. Please look whether it worked, and try again if not.")
        )
    reference = new_reference()
    if isinstance(error, ComfyError):
        log.warning("[%s] ComfyUI: %s: %s", reference, type(error).__name__, error)
        return Notice(lang.t(_comfy_sentence(error), reference=reference), reference)
    log.error("[%s] unexpected error", reference, exc_info=error)
    return Notice(
        lang.t(
            "Something went wrong on our side. Please try again; if it happens again, tell a moderator "
            "the reference {reference}.",
            reference=reference,
        ),
        reference,
    )


def _unwrap(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError | commands.CommandInvokeError):
        error = error.original
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
        return _unwrap(error.__cause__)
    return error


def _known(error: BaseException, lang: Language) -> str | None:
    match error:
        case UserError():
            return lang.error(error)
        case app_commands.CommandOnCooldown():
            return lang.t("Please wait {duration}.", duration=lang.duration(max(1, error.retry_after)))
        case app_commands.NoPrivateMessage():
            return lang.t("This works in a server only, not in direct messages.")
        case app_commands.MissingPermissions():
            return lang.t("Only moderators can do this.")
        case app_commands.CommandSignatureMismatch() | app_commands.CommandNotFound():
            return lang.t("This command has just changed. Please wait a minute and type it again.")
        case app_commands.CheckFailure():
            return lang.t("You may not do that here.")
        case discord.HTTPException() if failure_of(error).fault is DeliveryErrorKind.WORDS:
            return lang.t(
                "The word filter of this server (AutoMod) stopped my answer: it repeats words that are not allowed here."
            )
        case _:
            return None


def _comfy_sentence(error: ComfyError) -> str:
    match error:
        case Unreachable():
            return N_(
                "The image server is not answering. Please try again in a few minutes (reference {reference})."
            )
        case Rejected(status=404):
            return N_("The image server does not know that (reference {reference}).")
        case TooLarge():
            return N_("That file is too large (reference {reference}).")
        case _:
            return N_("The image server answered in a way I do not understand (reference {reference}).")


async def reply(
    interaction: discord.Interaction[Any],
    text: str | None = None,
    *,
    view: discord.ui.LayoutView | None = None,
    ephemeral: bool = True,
    files: tuple[discord.File, ...] = (),
) -> None:
    """Answer an interaction with a text or a layout, as its first answer or, if it has one, as a further message."""
    arguments: dict[str, Any] = {"ephemeral": ephemeral}
    if text is not None:
        arguments["content"] = shorten(text, 2000)
    if view is not None:
        arguments["view"] = view
    if files:
        arguments["files"] = list(files)
    if interaction.response.is_done():
        await interaction.followup.send(**arguments)
    else:
        await interaction.response.send_message(**arguments)


async def refuse(interaction: discord.Interaction[Any], sentence: UserError) -> None:
    """Tell only this person why not."""
    await reply(interaction, language(interaction).error(sentence))


def closed_to(interaction: discord.Interaction[ComfyBot]) -> UserError | None:
    """Say why nobody is served there, or now."""
    # What came to somebody directly can still be used: each button asks what is allowed there.
    directly = interaction.guild_id is None and interaction.type is discord.InteractionType.component
    if not directly and not interaction.client.serves(interaction.guild_id):
        return ClosedError("I am not available in this server.")
    if interaction.client.stopping:
        return ClosedError("The bot is about to restart. Please try again in a minute.")
    return None


async def report(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell only this person what went wrong; an interaction that can no longer be answered is only logged."""
    notice = explain(error, language(interaction)) if not _is_gone(error) else None
    if notice is None:
        log.info("interaction %s could no longer be answered: %s", interaction.id, error)
        return
    if interaction.type is discord.InteractionType.autocomplete:
        return
    try:
        await reply(interaction, notice.text)
    except DISCORD_ERRORS as failure:
        log.warning("could not tell %s: %s", interaction.user.id, failure)


def _is_gone(error: BaseException) -> bool:
    error = _unwrap(error)
    return isinstance(error, discord.HTTPException) and error.code in GONE


@asynccontextmanager
async def reporting(interaction: discord.Interaction[Any]) -> AsyncGenerator[None]:
    """Report whatever goes wrong in the block: for buttons, selects and forms, whose errors nobody else hears of."""
    interaction.extras[OWNED] = True
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the last place where an error can reach the person
        await report(interaction, error)


def shorten(text: str, limit: int, *, encoded: int | None = None) -> str:
    """Cut a text to so many characters (and bytes in UTF-8), with an ellipsis where something is missing."""
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    if encoded is not None and len(text.encode()) > encoded:
        text = text.encode()[: encoded - 3].decode(errors="ignore").rstrip() + "…"
    return text


class ReportingTree(app_commands.CommandTree[ComfyBot]):
    """Lets nothing through that cannot be answered or is not served, and reports what goes wrong."""

    async def interaction_check(self, interaction: discord.Interaction[ComfyBot], /) -> bool:
        """Drop what is too old to answer, and refuse servers the bot is not for."""
        if self.client.is_stale(interaction):
            log.info("interaction %s came too late to be answered", interaction.id)
            return False
        reason = closed_to(interaction)
        if interaction.type is discord.InteractionType.autocomplete:
            return reason is None and await self._is_offered_to(interaction)
        if reason is not None:
            await refuse(interaction, reason)
        return reason is None

    async def _is_offered_to(self, interaction: discord.Interaction[ComfyBot]) -> bool:
        """Answer with nothing to choose from whoever may not use the bot here; to end what is theirs, they still may."""
        if interaction.command is not None and interaction.command.name in OFFERED_TO_ALL:
            return True
        try:
            await self.client.services.policy.may_use(await actor_of(interaction), place_of(interaction))
        except UserError:
            await interaction.response.autocomplete([])
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[ComfyBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Report what a command died of."""
        await report(interaction, error)
