"""What operators do with the workflows: save what was attached, take one away, put it back, give it a command."""

import asyncio
from collections.abc import Sequence

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import Language
from bot.ui.interactions.components import Answer
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language
from bot.ui.requests.usable_workflows import caps_of
from bot.workflows.library.workflow_files import Filing
from bot.workflows.model.approvals import Question
from bot.workflows.model.workflow import Workflow
from bot.workflows.safety.safety import decided
from cogs.workflows.approving import answer, questions_of
from cogs.workflows.view_added import (
    Changes,
    asking_view,
    note_view,
    question_view,
    refused_view,
    reloaded_view,
    removal_view,
    removed_view,
    saved_view,
)
from cogs.workflows.view_approvals import Asked
from cogs.workflows.workflow_upload import (
    Examined,
    Verdict,
    automatically,
    examined,
    is_key,
    keep,
    kept,
    received,
    shelf_of,
)
from cogs.workflows.workflow_views import needs_for, page_view, server_infos

APPROVED = "approved"
"""What is done with an attached workflow after an answer: it is saved if nothing else is to be asked."""


async def add(
    interaction: discord.Interaction[ComfyBot],
    attachment: discord.Attachment,
    name: str | None,
    manifest: discord.Attachment | None,
) -> Answer:
    """Save an attached workflow, ask about it, or say what is wrong with it."""
    bot, lang = interaction.client, language(interaction)
    found = await examined(bot, await received(attachment, name, manifest))
    if found.verdict is Verdict.BAD:
        return Answer(refused_view(found, lang))
    if found.verdict is Verdict.ASKING:
        return Answer(asking_view(found, await keep(bot.services.content, found.filing), lang))
    if found.taken or found.verdict is not Verdict.GOOD:
        key = await keep(bot.services.content, found.filing)
        return Answer(question_view(found, key, caps_of(bot), lang))
    return await _save(interaction, found)


async def decide(interaction: discord.Interaction[ComfyBot], action: str, key: str) -> Answer:
    """Save what was asked about, in the way chosen; everything is looked at anew, as it may have changed since."""
    bot, lang = interaction.client, language(interaction)
    filing = await kept(bot.services.content, key)
    found = await examined(bot, filing)
    if action == "automatic" and found.instead:
        filing = await automatically(bot, found)
        found = await examined(bot, filing)
        key = await keep(bot.services.content, filing)
    if action == "both" and found.taken:
        filing = Filing(found.free_name, filing.ending, filing.data, filing.manifest)
        found = await examined(bot, filing)
    if found.verdict is Verdict.BAD:
        return Answer(refused_view(found, lang))
    if found.verdict is Verdict.ASKING:
        return Answer(asking_view(found, key, lang))
    if (found.taken and action != "replace") or (action == APPROVED and found.verdict is not Verdict.GOOD):
        return Answer(question_view(found, key, caps_of(bot), lang))
    return await _save(interaction, found)


async def approve(interaction: discord.Interaction[ComfyBot], argument: str, *, typed: bool) -> Answer:
    """Keep the answer to what a list of nodes asked, and go on with what is attached or lies in the folder.

    The argument is the mark of what was shown, and a draft's key or a workflow's name. Where something else has to
    be asked by now, that is shown instead, and nothing is kept.
    """
    bot, lang = interaction.client, language(interaction)
    mark, _, subject = argument.partition(":")
    if is_key(subject):
        found = await examined(bot, await kept(bot.services.content, subject))
        if found.verdict is Verdict.ASKING and (asked := _shown(found.workflow.questions, mark)) is not None:
            await answer(interaction, found.workflow, asked, typed=typed)
        return await decide(interaction, APPROVED, subject)
    workflow = there(bot, subject)
    if (asked := _shown(await questions_of(bot, workflow), mark)) is not None:
        await answer(interaction, workflow, asked, typed=typed)
    return await page_view(interaction, there(bot, subject), lang)


async def withdraw(interaction: discord.Interaction[ComfyBot], name: str) -> Answer:
    """Take back what was approved for the nodes of a workflow, whichever workflow it was approved for."""
    bot = interaction.client
    workflow = there(bot, name)
    decisions = await asyncio.to_thread(
        decided, workflow, bot.services.library.trust.approvals, server_infos(bot)
    )
    await bot.services.library.withdraw(decisions)
    await bot.services.policy.note(await actor_of(interaction), "withdraw approvals", subject=workflow.name)
    return await page_view(interaction, there(bot, name), language(interaction))


def _shown(questions: Sequence[Question], mark: str) -> Asked | None:
    """Return what was shown under a mark, `None` where it is something else by now."""
    number = mark.partition(".")[0]
    count = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else 0
    asked = Asked(tuple(questions[:count]))
    return asked if count and asked.mark == mark else None


async def _save(interaction: discord.Interaction[ComfyBot], found: Examined) -> Answer:
    bot, filing = interaction.client, found.filing
    await asyncio.to_thread(shelf_of(bot).put, filing)
    action = "replace workflow" if found.taken else "add workflow"
    await bot.services.policy.note(
        await actor_of(interaction), action, subject=filing.name, detail=f"{filing.name}{filing.ending}"
    )
    await bot.services.library.load()
    workflow = bot.services.library.find(filing.name) or found.workflow
    return Answer(saved_view(workflow, await needs_for(bot, workflow), caps_of(bot), language(interaction)))


def cancelled(lang: Language) -> Answer:
    """Say that nothing was saved."""
    return Answer(note_view(lang.t("Workflows"), lang.t("Nothing was saved."), lang))


def there(bot: ComfyBot, name: str) -> Workflow:
    """Return a workflow, broken or not; raises `UserError` when there is none of that name."""
    return bot.services.library.find(name) or bot.services.library.get(name)


def ask_removal(interaction: discord.Interaction[ComfyBot], name: str) -> Answer:
    """Ask whether to take a workflow away."""
    bot = interaction.client
    workflow = there(bot, name)
    try:
        default = bot.services.library.default().name == workflow.name
    except UserError:
        default = False
    return Answer(removal_view(workflow, default=default, lang=language(interaction)))


async def remove(interaction: discord.Interaction[ComfyBot], name: str) -> Answer:
    """Take a workflow away, for whoever was asked and said yes."""
    bot = interaction.client
    workflow = there(bot, name)
    stamp = await asyncio.to_thread(shelf_of(bot).take_away, workflow.name)
    if stamp is None:
        raise UserError("The files of {name} are gone already.", name=workflow.name)
    await bot.services.policy.note(
        await actor_of(interaction), "remove workflow", subject=workflow.name, detail=stamp
    )
    await bot.services.library.load()
    return Answer(removed_view(workflow.name, stamp, language(interaction)))


async def restore(interaction: discord.Interaction[ComfyBot], stamp: str) -> Answer:
    """Put back what was taken away."""
    bot, lang = interaction.client, language(interaction)
    name = await asyncio.to_thread(shelf_of(bot).put_back, stamp)
    await bot.services.policy.note(
        await actor_of(interaction), "restore workflow", subject=name, detail=stamp
    )
    await bot.services.library.load()
    return await page_view(interaction, there(bot, name), lang)


class Watchword:
    """Remembers how the files were when an operator last looked, to tell what has changed since."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[tuple[str, int, int], ...]] = {}

    async def look(self, bot: ComfyBot) -> Changes:
        """Return what has changed since the last look; takes the present state for known from now on."""
        before, self._seen = self._seen, await asyncio.to_thread(shelf_of(bot).stamps)
        now, all_ = self._seen, bot.services.library.all()
        return Changes(
            new=tuple(sorted(now.keys() - before.keys())),
            gone=tuple(sorted(before.keys() - now.keys())),
            changed=tuple(sorted(name for name in now.keys() & before.keys() if now[name] != before[name])),
            broken=tuple(each for each in all_ if not each.enabled),
            total=len(all_),
        )


async def reload(interaction: discord.Interaction[ComfyBot], watchword: Watchword) -> Answer:
    """Read the folder again and say what that brought."""
    bot = interaction.client
    await bot.services.library.load()
    return Answer(reloaded_view(await watchword.look(bot), language(interaction)))
