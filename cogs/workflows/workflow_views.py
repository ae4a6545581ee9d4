"""Workflows as people may see them: the list, one of them with a picture of its graph, and its graph as a file."""

import asyncio
import io
import json
from collections.abc import Sequence

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import Language
from bot.ui.interactions.components import Answer
from bot.ui.interactions.people import actor_of, permit_workflow
from bot.ui.interactions.replies import language
from bot.ui.requests.usable_workflows import caps_of, seen, usable, usual
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.server_nodes import nodes_of
from bot.workflows.library.needs import Need, needs_of
from bot.workflows.model.workflow import Workflow
from bot.workflows.safety.safety import decided, unanswered
from cogs.workflows.diagram.picture import graph_picture
from cogs.workflows.view_workflow import WorkflowPage, workflow_view
from cogs.workflows.view_workflows import Listed, WorkflowsPage, page_of, workflows_view


async def needs_for(bot: ComfyBot, workflow: Workflow) -> tuple[Need, ...]:
    """Return what a workflow needs and which of the servers have it."""
    return await asyncio.to_thread(needs_of, workflow, server_infos(bot))


def server_infos(bot: ComfyBot) -> list[ObjectInfo]:
    """Return what each server told last of its nodes."""
    return [info for each in bot.services.fleet.servers if (info := nodes_of(each)) is not None]


async def list_view(interaction: discord.Interaction[ComfyBot], page: int) -> Answer:
    """Draw one page of what this person may see."""
    bot, actor = interaction.client, await actor_of(interaction)
    shown, default = await seen(interaction), usual(bot, await usable(interaction))
    here = shown[page_of(page, len(shown))]
    infos = server_infos(bot)

    def looked_up() -> Sequence[Listed]:
        return [Listed(each, needs_of(each, infos), each.name == default) for each in here]

    broken = sum(not each.enabled for each in shown)
    drawn = WorkflowsPage(
        here=await asyncio.to_thread(looked_up),
        page=page,
        total=len(shown),
        broken=broken,
        operator=actor.operator,
    )
    return Answer(workflows_view(drawn, language(interaction)))


async def one_view(interaction: discord.Interaction[ComfyBot], name: str) -> Answer:
    """Draw one workflow with its graph; raises `UserError` where there is none this person may see here."""
    return await page_view(interaction, await visible(interaction, name), language(interaction))


async def visible(interaction: discord.Interaction[ComfyBot], name: str) -> Workflow:
    """Return a workflow this person may see here; raises `UserError` that says why not."""
    library = interaction.client.services.library
    found, shown = library.find(name), await seen(interaction)
    if found is None or found not in shown:
        # Says what there is, and why a broken one cannot be used.
        found = library.get(name)
    if found not in shown:
        await permit_workflow(interaction, found)
    if found.nsfw and found not in shown:
        raise UserError("This workflow can be used in age-restricted channels only.")
    return found


async def page_view(interaction: discord.Interaction[ComfyBot], workflow: Workflow, lang: Language) -> Answer:
    """Draw one workflow; the picture of its graph is made beside the loop."""
    bot, actor = interaction.client, await actor_of(interaction)
    infos = server_infos(bot)
    info = infos[0] if infos else None
    drawn = await asyncio.to_thread(graph_picture, workflow, info, lang, everything=actor.may_moderate)
    page = WorkflowPage(
        workflow=workflow,
        limits=caps_of(bot),
        needs=await needs_for(bot, workflow),
        problems=actor.may_moderate,
        operator=actor.operator,
        questions=await asyncio.to_thread(unanswered, workflow, infos) if actor.operator else (),
        approved=actor.operator
        and bool(await asyncio.to_thread(decided, workflow, bot.services.library.trust.approvals, infos)),
    )
    bare = workflow_view(page, lang)
    if drawn is None:
        return Answer(bare)
    file = discord.File(io.BytesIO(drawn.data), f"graph.{drawn.suffix}", description=drawn.description)
    page = page.with_picture(file.filename, drawn.description, wanting=drawn.wanting and actor.operator)
    return Answer(workflow_view(page, lang), files=(file,), bare=bare)


def graph_file(workflow: Workflow) -> discord.File:
    """Return a workflow's graph in ComfyUI's API format, as a file."""
    data = json.dumps(dict(workflow.graph), ensure_ascii=False, indent=2).encode()
    return discord.File(io.BytesIO(data), f"{workflow.name}.json")
