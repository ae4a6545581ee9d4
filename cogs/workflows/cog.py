"""/workflows: what can be made here, and with which settings; for operators, what there is to be made with."""

import asyncio

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.ui.cards.words import escape
from bot.ui.forms.forms import returned
from bot.ui.forms.suggestions import fitting
from bot.ui.interactions.components import Control, ids, numbered, permit, permit_operator, present, show
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language, reply
from bot.ui.requests.usable_workflows import seen
from bot.workflows.library.workflow_files import LONGEST
from cogs.workflows import workflow_admin
from cogs.workflows.command_form import SENT, command_form, take_command
from cogs.workflows.workflow_views import graph_file, list_view, one_view, visible

CHANGES = (
    "save",
    "automatic",
    "replace",
    "both",
    "cancel",
    "remove",
    "removing",
    "restore",
    "reload",
    "command",
    "graph",
    "allow",
    "typing",
    "withdraw",
)
"""What only operators may press."""


class WorkflowsControl(Control, template=ids("workflows", "page", "show", "list", "open", *CHANGES)):
    """Turns pages, goes to one workflow and back, and carries out what an operator decides."""

    async def used(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Do what was pressed, for whom it is meant."""
        if self.action in CHANGES:
            await permit_operator(interaction)
            await self._change(interaction)
            return
        await permit(interaction)
        match self.action:
            case "show":
                await present(interaction, one_view(interaction, self.chosen))
            case "open":
                await present(interaction, one_view(interaction, self.argument))
            case _:
                await present(interaction, list_view(interaction, numbered(self.argument)[0]))

    async def _change(self, interaction: discord.Interaction[ComfyBot]) -> None:
        lang = language(interaction)
        match self.action:
            case "cancel":
                await show(interaction, workflow_admin.cancelled(lang))
            case "remove":
                await show(interaction, workflow_admin.ask_removal(interaction, self.argument))
            case "removing":
                await present(interaction, workflow_admin.remove(interaction, self.argument))
            case "restore":
                await present(interaction, workflow_admin.restore(interaction, self.argument))
            case "allow" | "typing":
                typed = self.action == "typing"
                await present(interaction, workflow_admin.approve(interaction, self.argument, typed=typed))
            case "withdraw":
                await present(interaction, workflow_admin.withdraw(interaction, self.argument))
            case "reload":
                await present(interaction, workflow_admin.reload(interaction, _cog(interaction).watchword))
            case "command":
                workflow = workflow_admin.there(interaction.client, self.argument)
                await interaction.response.send_modal(command_form(workflow, lang, interaction.id))
            case "graph":
                workflow = await visible(interaction, self.argument)
                file = await asyncio.to_thread(graph_file, workflow)
                text = lang.t("The graph of {name}, as ComfyUI takes it.", name=escape(workflow.name))
                await reply(interaction, text, files=(file,))
            case _:
                await present(interaction, workflow_admin.decide(interaction, self.action, self.argument))


class Workflows(commands.Cog):
    """Shows the workflows, and lets operators add and remove some."""

    workflows = app_commands.Group(
        name="workflows",
        description="See what can be made here",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    def __init__(self, bot: ComfyBot) -> None:
        self.bot = bot
        self.watchword = workflow_admin.Watchword()

    async def cog_load(self) -> None:
        """Remember how the files are now."""
        await self.watchword.look(self.bot)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Take in the form for a command, also one that was opened before a restart."""
        await returned(
            interaction,
            SENT,
            lambda interaction, match: take_command(interaction, match["key"]),
        )

    @workflows.command(name="list", description="See all workflows")
    async def list_all(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Answer with the first page."""
        await permit(interaction)
        await present(interaction, list_view(interaction, 0))

    @workflows.command(name="show", description="See what one workflow takes")
    @app_commands.describe(name="Which one")
    async def show_one(self, interaction: discord.Interaction[ComfyBot], name: str) -> None:
        """Answer with one workflow."""
        await permit(interaction)
        await present(interaction, one_view(interaction, name))

    @workflows.command(name="add", description="Add a workflow from ComfyUI: for the bot's operators")
    @app_commands.describe(
        file="What ComfyUI saved or exported: JSON, or a picture it made",
        name="What to call it; without this, as the file is called",
        manifest="A .toml file with names, ranges and rules for it",
    )
    async def add(
        self,
        interaction: discord.Interaction[ComfyBot],
        file: discord.Attachment,
        name: app_commands.Range[str, 1, LONGEST] | None = None,
        manifest: discord.Attachment | None = None,
    ) -> None:
        """Look at what is attached, and save it if it can be used."""
        await permit_operator(interaction)
        await present(interaction, workflow_admin.add(interaction, file, name, manifest))

    @workflows.command(name="remove", description="Take a workflow away: for the bot's operators")
    @app_commands.describe(name="Which one")
    async def remove(self, interaction: discord.Interaction[ComfyBot], name: str) -> None:
        """Ask whether to, and say that it can be put back."""
        await permit_operator(interaction)
        await show(interaction, workflow_admin.ask_removal(interaction, name))

    @workflows.command(
        name="reload", description="Read the folder of the workflows again: for the bot's operators"
    )
    async def reload(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Say what is new, changed, gone and broken."""
        await permit_operator(interaction)
        await present(interaction, workflow_admin.reload(interaction, self.watchword))

    @show_one.autocomplete("name")
    @remove.autocomplete("name")
    async def names(
        self, interaction: discord.Interaction[ComfyBot], current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the workflows this person may see here; to remove, only to those who may."""
        removing = interaction.command is not None and interaction.command.name == "remove"
        if removing and not (await actor_of(interaction)).operator:
            return []
        code = language(interaction).code
        offers = [
            (f"{each.name} · {each.title.in_(code)}" if each.title else each.name, each.name)
            for each in await seen(interaction)
        ]
        return fitting(current, offers)


def _cog(interaction: discord.Interaction[ComfyBot]) -> Workflows:
    cog = interaction.client.get_cog("Workflows")
    if not isinstance(cog, Workflows):
        raise UserError("This is not possible at the moment.")
    return cog


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its controls."""
    bot.add_dynamic_items(WorkflowsControl)
    await bot.add_cog(Workflows(bot))
