"""/workflows: what can be made here, and with which settings."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.ui.listing.workflows import workflow_view, workflows_view
from bot.ui.people import actor_of, place_of
from bot.ui.pressing import Answer, Control, ids, numbered, permit, show
from bot.ui.replies import language
from bot.ui.suggestions import fitting
from bot.workflows.bind import BindLimits
from bot.workflows.workflow import Workflow


class WorkflowsControl(Control, template=ids("workflows", "page", "show", "list")):
    """Turns pages, and goes to one workflow and back."""

    async def used(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Show what was asked for."""
        await permit(interaction)
        if self.action == "show":
            await show(interaction, await _one(interaction, self.chosen))
        else:
            await show(interaction, await _list(interaction, numbered(self.argument)[0]))


class Workflows(commands.Cog):
    """Shows the workflows."""

    workflows = app_commands.Group(
        name="workflows",
        description="See what can be made here",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @workflows.command(name="list", description="See all workflows")
    async def list_all(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Answer with the first page."""
        await permit(interaction)
        await show(interaction, await _list(interaction, 0))

    @workflows.command(name="show", description="See what one workflow takes")
    @app_commands.describe(name="Which one")
    async def show_one(self, interaction: discord.Interaction[ComfyBot], name: str) -> None:
        """Answer with one workflow."""
        await permit(interaction)
        await show(interaction, await _one(interaction, name))

    @show_one.autocomplete("name")
    async def names(
        self, interaction: discord.Interaction[ComfyBot], current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the workflows this person may see here."""
        code = language(interaction).code
        offers = [
            (f"{each.name} · {each.title.in_(code)}" if each.title else each.name, each.name)
            for each in await _seen(interaction)
        ]
        return fitting(current, offers)


async def _seen(interaction: discord.Interaction[ComfyBot]) -> tuple[Workflow, ...]:
    """Return what this person may see here: broken ones only with the right to have them mended."""
    everything = (await actor_of(interaction)).may_moderate
    nsfw = place_of(interaction).nsfw
    return tuple(
        each
        for each in interaction.client.services.library.all()
        if everything or (each.enabled and (nsfw or not each.nsfw))
    )


async def _list(interaction: discord.Interaction[ComfyBot], page: int) -> Answer:
    try:
        default = interaction.client.services.library.default().name
    except UserError:
        default = None
    return Answer(workflows_view(await _seen(interaction), default, page, language(interaction)))


async def _one(interaction: discord.Interaction[ComfyBot], name: str) -> Answer:
    library = interaction.client.services.library
    seen = await _seen(interaction)
    workflow = library.find(name)
    if workflow is None or workflow not in seen:
        # Says what there is, and why a broken one cannot be used.
        workflow = library.get(name)
    if workflow.nsfw and workflow not in seen:
        raise UserError("This workflow can be used in age-restricted channels only.")
    operator = (await actor_of(interaction)).may_moderate
    limits = interaction.client.services.limits
    caps = BindLimits(count=limits.count, pixels=limits.pixels, steps=limits.steps)
    return Answer(workflow_view(workflow, language(interaction), limits=caps, problems=operator))


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its controls."""
    bot.add_dynamic_items(WorkflowsControl)
    await bot.add_cog(Workflows())
