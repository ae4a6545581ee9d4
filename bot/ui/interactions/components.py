"""Lists that can be turned and refreshed: buttons whose ids hold everything, and answers that may take a while."""

import asyncio
import re
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self, TypeVar

import discord

from bot.client import ComfyBot
from bot.comfy import ComfyError
from bot.errors import UserError
from bot.readable import readable
from bot.ui.interactions.people import actor_of, place_of
from bot.ui.interactions.replies import closed_to, explain, language, log, refuse, reporting, shorten

T = TypeVar("T")
Kind = TypeVar("Kind", bound=StrEnum)

TOO_LARGE = 413
LARGEST_ID = 2**63 - 1
"""No id of Discord's is larger, and none that a database stores."""

WITHIN = 8.0
"""Seconds a person is let wait for ComfyUI before we say that it takes too long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A layout and the files it shows, or one sentence."""

    view: discord.ui.LayoutView | None = None
    files: tuple[discord.File, ...] = ()
    text: str | None = None
    bare: discord.ui.LayoutView | None = None
    """What to show instead where Discord finds the files too large."""
    more: "tuple[Callable[[], Answer], ...]" = ()
    """What follows in messages of its own that only the person sees, each made when it is its turn."""


class Control(discord.ui.DynamicItem[Any], template=r"(?!)"):
    """A button or menu with the id `<family>:<action>[:<argument>]`; works across restarts.

    A family is a subclass with its own `template`, made by `ids`, and is registered with `bot.add_dynamic_items`.
    """

    def __init__(self, item: discord.ui.Item[Any], action: str, argument: str) -> None:
        super().__init__(item)
        self.action = action
        self.argument = argument

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the control that was used from its id alone."""
        return cls(item, match["action"], readable(match["argument"] or ""))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the control is for; whatever goes wrong is told to the person who used it."""
        await pressed(interaction, self.used)

    @abstractmethod
    async def used(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Do what the control is for; errors are reported."""

    @property
    def chosen(self) -> str:
        """What was chosen in a menu; empty for a button."""
        values: list[str] = getattr(self.item, "values", [])
        return values[0] if values else ""


async def pressed(
    interaction: discord.Interaction[ComfyBot],
    act: Callable[[discord.Interaction[ComfyBot]], Awaitable[None]],
) -> None:
    """Do what a button or menu is for, where it may be done and can still be answered; report what goes wrong."""
    async with reporting(interaction):
        if interaction.client.is_stale(interaction):
            log.info("press %s came too late to be answered", interaction.id)
        elif (reason := closed_to(interaction)) is not None:
            await refuse(interaction, reason)
        else:
            await act(interaction)


def ids(family: str, *actions: str) -> re.Pattern[str]:
    """Return the template of a family's ids; the argument may be anything."""
    return re.compile(rf"{family}:(?P<action>{'|'.join(actions)})(?::(?P<argument>.*))?", re.DOTALL)


def numbered(argument: str) -> tuple[int, str]:
    """Split `<page>[:<rest>]`; a page that is no number is the first."""
    page, _, rest = argument.partition(":")
    return (int(page) if page.isdecimal() and len(page) < 7 else 0), rest


def snowflake(text: str) -> int | None:
    """Return a Discord id out of a control's argument; None for anything that is none (they have 63 bits)."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST_ID)):
        return None
    return number if (number := int(text)) <= LARGEST_ID else None


def known(value: str, kind: type[Kind]) -> Kind:
    """Return the member of an enumeration that was chosen in a menu; raises `UserError` for one of an older version."""
    try:
        return kind(value)
    except ValueError:
        raise UserError("This menu is out of date. Please run the command again.") from None


async def permit(interaction: discord.Interaction[ComfyBot]) -> None:
    """Raise `UserError` where this person may not use the bot here."""
    await interaction.client.services.policy.may_use(await actor_of(interaction), place_of(interaction))


async def permit_moderator(interaction: discord.Interaction[ComfyBot]) -> None:
    """Raise `UserError` for everybody but moderators of the guild: its admins may show a command to others."""
    policy = interaction.client.services.policy
    await policy.may_moderate_guild(await actor_of(interaction), place_of(interaction))


async def permit_operator(interaction: discord.Interaction[ComfyBot]) -> None:
    """Raise `UserError` for everybody but the people who run the bot."""
    await interaction.client.services.policy.may_operate(await actor_of(interaction), place_of(interaction))


async def present(interaction: discord.Interaction[ComfyBot], making: Coroutine[Any, Any, Answer]) -> None:
    """Answer with something that takes a while: at once that we are at it, then the answer or what went wrong.

    A command gets an answer only its user sees; a button or menu changes the message it stands on.
    """
    await _present(interaction, making, on_message=interaction.type is discord.InteractionType.component)


async def beside(interaction: discord.Interaction[ComfyBot], making: Coroutine[Any, Any, Answer]) -> None:
    """Do as `present`, but always in a message of its own that only this person sees."""
    await _present(interaction, making, on_message=False)


async def _present(
    interaction: discord.Interaction[ComfyBot], making: Coroutine[Any, Any, Answer], *, on_message: bool
) -> None:
    try:
        if on_message:
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
    except BaseException:
        # Whoever is cancelled here must not leave a coroutine behind that nobody awaits.
        making.close()
        raise
    try:
        answer = await making
    except (UserError, ComfyError) as error:
        answer = Answer(text=explain(error, language(interaction)).text)
    if answer.view is not None:
        await _put(interaction, answer)
        for further in answer.more:
            await _follow(interaction, further())
    elif on_message:
        # The message the control stands on shows a layout and cannot take a sentence.
        await interaction.followup.send(shorten(answer.text or "", 2000), ephemeral=True)
    else:
        await interaction.edit_original_response(content=shorten(answer.text or "", 2000))


async def _put(interaction: discord.Interaction[ComfyBot], answer: Answer) -> None:
    try:
        await interaction.edit_original_response(view=answer.view, attachments=list(answer.files))
    except discord.HTTPException as error:
        if error.status != TOO_LARGE or answer.bare is None:
            raise
        log.info("files of interaction %s were too large", interaction.id)
        await interaction.edit_original_response(view=answer.bare, attachments=[])


async def _follow(interaction: discord.Interaction[ComfyBot], answer: Answer) -> None:
    assert answer.view is not None
    try:
        await interaction.followup.send(view=answer.view, files=list(answer.files), ephemeral=True)
    except discord.HTTPException as error:
        if error.status != TOO_LARGE or answer.bare is None:
            raise
        await interaction.followup.send(view=answer.bare, ephemeral=True)


async def show(interaction: discord.Interaction[ComfyBot], answer: Answer) -> None:
    """Answer at once with a layout: a message only this person sees, or a change of the one the control stands on."""
    assert answer.view is not None
    if interaction.type is discord.InteractionType.component:
        await interaction.response.edit_message(view=answer.view, attachments=list(answer.files))
    else:
        await interaction.response.send_message(view=answer.view, files=list(answer.files), ephemeral=True)


async def fetched(bot: ComfyBot, asking: Coroutine[Any, Any, T], *, within: float | None = None) -> T:
    """Return what a server answers; raises `UserError` when that takes longer than so many seconds.

    The asking goes on in a task outside the handler, in real time and cut off at its limit.
    """
    limit = WITHIN if within is None else within
    outcome = await bot.spawn(_outcome(asking, limit), name="asking a server")
    if isinstance(outcome, TimeoutError):
        raise UserError("The image server takes too long to answer. Please try again in a minute.")
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


async def _outcome(asking: Coroutine[Any, Any, T], limit: float) -> T | Exception:
    try:
        async with asyncio.timeout(limit):
            return await asking
    except Exception as error:  # noqa: BLE001 - handed to the one who asked, who raises it
        return error
