"""What is whose on an image server that several Discord servers share: workflows bound to roles, their models, uploads."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import discord

from bot.client import ComfyBot
from bot.ui.forms.extras import upload_folder
from bot.ui.interactions.people import actor_of
from bot.workflows.graph.files import offered_files
from bot.workflows.graph.schema import InputSchema, NodeSchema, ObjectInfo, looks_like_model_file
from bot.workflows.graph.server_nodes import known_nodes
from bot.workflows.model.workflow import Workflow

Interaction = discord.Interaction[ComfyBot]


def of_guild(interaction: Interaction) -> Callable[[Workflow], bool]:
    """Return what tells whether a workflow is for anybody of this Discord server."""
    guild, policy = interaction.guild, interaction.client.services.policy
    roles = frozenset(role.id for role in guild.roles) if guild is not None else frozenset[int]()
    return lambda workflow: policy.concerns(workflow, interaction.guild_id, roles)


async def files_of_others(interaction: Interaction) -> frozenset[str]:
    """Return the model files that only workflows of other Discord servers name; none for operators."""
    if (await actor_of(interaction)).operator:
        return frozenset()
    info = known_nodes(interaction.client.services.fleet)
    ours = of_guild(interaction)
    theirs: set[str] = set()
    usable: set[str] = set()
    for workflow in interaction.client.services.library.all():
        if ours(workflow):
            usable.update(_named(workflow), _offered(workflow, info))
        else:
            theirs.update(_named(workflow))
    return frozenset(theirs - usable)


async def of_this_server(interaction: Interaction, node: NodeSchema) -> NodeSchema:
    """Return a node class with those files alone among its choices that people of this Discord server may use."""
    if (await actor_of(interaction)).operator:
        return node
    hidden, folder = await files_of_others(interaction), f"{upload_folder(interaction.guild_id)}/"
    inputs = {name: _narrowed(schema, hidden, folder) for name, schema in node.inputs.items()}
    return replace(node, inputs=inputs)


def _narrowed(schema: InputSchema, hidden: frozenset[str], folder: str) -> InputSchema:
    if schema.choices is None:
        return schema
    uploads = upload_folder(None).removesuffix("None")
    left = tuple(
        each
        for each in schema.choices
        if each.startswith(folder)
        or not (schema.upload is not None or each in hidden or each.startswith(uploads))
    )
    default = schema.default if schema.default in left or not isinstance(schema.default, str) else None
    return replace(schema, choices=left, default=default)


def _named(workflow: Workflow) -> Iterator[str]:
    """Yield the model files that a workflow's graph or manifest names."""
    for node in workflow.graph.values():
        yield from _files(node.get("inputs", {}).values())
    for parameter in workflow.parameters.values():
        yield from _files(choice.value for choice in parameter.choices)


def _offered(workflow: Workflow, info: ObjectInfo | None) -> Iterator[str]:
    """Yield the model files that people may choose for a workflow."""
    for parameter in workflow.parameters.values():
        yield from _files(offered_files(parameter, workflow, info) or ())


def _files(values: Iterable[object]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str) and looks_like_model_file(value))
