"""The form in which operators give a workflow a slash command of its own."""

import asyncio
import re

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import Language
from bot.ui.cards.words import escape
from bot.ui.forms.forms import KEY, add_text, form, texts_sent
from bot.ui.interactions.components import Answer, permit_operator, present
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language
from bot.workflows.commands.own_commands import BUILT_IN, REPLACEABLE
from bot.workflows.model.workflow import Workflow
from cogs.workflows.view_added import note_view
from cogs.workflows.workflow_admin import there
from cogs.workflows.workflow_upload import shelf_of

SENT = re.compile(rf"workflows:form:\d{{1,20}}:(?P<key>.{{1,{KEY}}})", re.DOTALL)
COMMAND = re.compile(r"[a-z0-9_-]{1,32}")
_UNFIT = re.compile(r"[^a-z0-9_-]+")


def command_form(workflow: Workflow, lang: Language, nonce: int) -> discord.ui.Modal:
    """Return the form that asks what a workflow's own slash command shall be called."""
    made = form(lang.t("Its own slash command"), f"workflows:form:{nonce}:{workflow.name[:KEY]}")
    proposed = _UNFIT.sub("-", workflow.name.lower()).strip("-_")[:32]
    add_text(
        made,
        "command",
        lang.t("Command"),
        default=proposed,
        required=True,
        limit=33,
        description=lang.t("Small letters, digits, - and _; for example: portrait"),
    )
    return made


async def take_command(interaction: discord.Interaction[ComfyBot], key: str) -> None:
    """Write what the form says into the manifest; commands are registered as the library changes."""
    await permit_operator(interaction)
    known = (each.name for each in interaction.client.services.library.all() if each.name[:KEY] == key)
    command = texts_sent(interaction).get("command", "")
    await present(interaction, _give_command(interaction, next(known, key), command))


async def _give_command(interaction: discord.Interaction[ComfyBot], name: str, wish: str) -> Answer:
    bot, lang = interaction.client, language(interaction)
    command = wish.strip().lstrip("/").lower()
    if not COMMAND.fullmatch(command):
        raise UserError(
            "“{command}” cannot be a command: use small letters, digits, - and _ only.", command=wish[:40]
        )
    workflow = there(bot, name)
    owner = next((each for each in bot.services.library.all() if each.command == command), None)
    if owner is not None and owner.name != workflow.name:
        raise UserError(
            "The command {command} belongs to the workflow {name} already.",
            command=f"/{command}",
            name=owner.name,
        )
    known = command in BUILT_IN or (owner is None and bot.tree.get_command(command) is not None)
    if known and command not in REPLACEABLE:
        raise UserError("There is a command {command} already. Choose another name.", command=f"/{command}")
    await asyncio.to_thread(shelf_of(bot).give_command, workflow.name, command)
    await bot.services.policy.note(
        await actor_of(interaction), "command for workflow", subject=workflow.name, detail=command
    )
    await bot.services.library.load()
    for problem in bot.services.library.own.problems.get(workflow.name, ()):
        if workflow.name not in bot.services.library.own.commands:
            raise UserError(problem.message, **problem.arguments)
    title = lang.t("{name} has a command of its own", name=escape(workflow.name))
    text = lang.t(
        "Use it with {command}. Discord shows it in a minute at most; close and open the app if it does not.",
        command=f"`/{command}`",
    )
    return Answer(note_view(title, text, lang))
