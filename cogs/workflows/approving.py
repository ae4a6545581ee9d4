"""What operators are asked about the node classes of a workflow, and what becomes of their answers."""

import asyncio

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.ui.interactions.people import actor_of
from bot.workflows.model.approvals import Question, approval_of
from bot.workflows.model.workflow import Workflow
from bot.workflows.safety.known import pack_of
from bot.workflows.safety.safety import unanswered
from cogs.workflows.view_approvals import Asked
from cogs.workflows.workflow_views import server_infos


async def questions_of(bot: ComfyBot, workflow: Workflow) -> tuple[Question, ...]:
    """Return what an operator can decide about a workflow, on any of the servers, each thing once."""
    return await asyncio.to_thread(unanswered, workflow, server_infos(bot))


async def answer(
    interaction: discord.Interaction[ComfyBot], workflow: Workflow, asked: Asked, *, typed: bool
) -> None:
    """Keep the answer to all that was shown, for every server on which the classes come from those packs now.

    Raises `UserError` when it cannot be kept.
    """
    bot = interaction.client
    answered = [each for each in asked.questions if typed or not each.typed]
    approvals = [
        approval_of(each, info.server, typed=typed)
        for each in answered
        for info in server_infos(bot)
        if pack_of(each.class_type, info.node(each.class_type)) == each.pack
    ]
    if not approvals:
        raise UserError("No image server has these nodes now. Please try again when one does.")
    await bot.services.library.approve(approvals)
    places = ", ".join(f"{each.pack}/{each.class_type}.{each.input}".rstrip(".") for each in answered)
    action = "let members type" if typed else "approve nodes"
    await bot.services.policy.note(await actor_of(interaction), action, subject=workflow.name, detail=places)
