"""/profile: what a person has set for all their jobs, what they have used, and the wish to be forgotten."""

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import LANGUAGES
from bot.ui.forms.forms import KEY, returned, texts_sent
from bot.ui.interactions.components import Answer, Control, beside, ids, known, permit, present, show
from bot.ui.interactions.replies import language
from bot.ui.requests.defaults import offered_models, read_defaults
from bot.ui.requests.usable_workflows import usable
from bot.users.profile import Defaults, Notify
from bot.workflows.graph.server_nodes import known_nodes
from bot.workflows.model.workflow import Workflow
from cogs.profile.defaults_form import SENT, defaults_form, written_in
from cogs.profile.view import ProfilePage, data_view, forget_view, forgotten_view, profile_view

Interaction = discord.Interaction[ComfyBot]


class ProfileControl(
    Control, template=ids("profile", "language", "notify", "defaults", "data", "forget", "really", "back")
):
    """Changes what is set; every menu stands for the person who uses it."""

    async def used(self, interaction: Interaction) -> None:
        """Change it, and show how it is then."""
        profiles, user_id = interaction.client.services.profiles, interaction.user.id
        match self.action:
            case "really":
                await present(interaction, _forget(interaction))
                return
            case "data":
                with ExitStack() as opened:
                    await beside(interaction, _data(interaction, opened))
                return
            case "forget":
                usage = await profiles.usage(user_id, midnight=_midnight(interaction))
                await show(interaction, Answer(forget_view(usage.jobs, language(interaction))))
                return
            case "defaults":
                await permit(interaction)
                await _ask(interaction, self.chosen)
                return
            case "language":
                await profiles.speak(user_id, self.chosen if self.chosen in LANGUAGES else None)
            case "notify":
                await profiles.notify(user_id, known(self.chosen, Notify))
            case _:
                pass
        await show(interaction, await _profile(interaction))


class ProfileCog(commands.Cog):
    """Shows a person's settings to that person."""

    @app_commands.command(
        name="profile", description="Your language, notifications and defaults; what you have used"
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def profile(self, interaction: Interaction) -> None:
        """Answer with the settings; banned people may see and remove what is theirs."""
        await show(interaction, await _profile(interaction))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take in the form for defaults, also one that was opened before a restart."""
        await returned(interaction, SENT, lambda interaction, match: _take_in(interaction, match["key"]))


async def _profile(interaction: Interaction) -> Answer:
    services, lang = interaction.client.services, language(interaction)
    profile = await services.profiles.of(interaction.user.id)
    known = {name: services.library.find(name) for name in profile.defaults}
    page = ProfilePage(
        profile=profile,
        usage=await services.profiles.usage(interaction.user.id, midnight=_midnight(interaction)),
        workflows=await usable(interaction),
        titles={name: each.title.in_(lang.code) or name for name, each in known.items() if each is not None},
        active=sum(job.request.requester.user_id == interaction.user.id for job in services.jobs.active()),
        at_once=services.limits.jobs_per_user,
        daily=services.limits.daily,
    )
    return Answer(profile_view(page, lang))


async def _ask(interaction: Interaction, name: str) -> None:
    services, lang = interaction.client.services, language(interaction)
    workflow = await _workflow(interaction, name, 100)
    profile = await services.profiles.of(interaction.user.id)
    defaults = profile.defaults.get(workflow.name, Defaults())
    models = offered_models(workflow, known_nodes(services.fleet))
    await interaction.response.send_modal(defaults_form(workflow, defaults, models, lang, interaction.id))


async def _take_in(interaction: Interaction, key: str) -> None:
    """Keep what was written, and show it."""
    await permit(interaction)
    services, workflow = interaction.client.services, await _workflow(interaction, key, KEY)
    written = written_in(texts_sent(interaction))
    defaults = read_defaults(workflow, written, known_nodes(services.fleet), pixels=services.limits.pixels)
    await services.profiles.default(interaction.user.id, workflow.name, defaults)
    answer = await _profile(interaction)
    assert answer.view is not None
    if interaction.message is not None:
        await interaction.response.edit_message(view=answer.view)
    else:
        await interaction.response.send_message(view=answer.view, ephemeral=True)


async def _workflow(interaction: Interaction, beginning: str, length: int) -> Workflow:
    """Return the workflow this person can use here whose name begins so; raises `UserError` where it is gone."""
    for each in await usable(interaction):
        if each.name[:length] == beginning:
            return each
    raise UserError("This workflow is not there any more. Use `/profile` again.")


async def _data(interaction: Interaction, opened: ExitStack) -> Answer:
    services = interaction.client.services
    written = await services.exports.write(interaction.user.id, most=interaction.filesize_limit)
    file = discord.File(cast("Any", written.file), written.name)
    opened.enter_context(written.file)
    opened.callback(file.close)  # lets the line before close it: a file being sent cannot be closed
    return Answer(data_view(written.jobs, file, language(interaction)), files=(file,))


async def _forget(interaction: Interaction) -> Answer:
    services, lang = interaction.client.services, language(interaction)
    count = await services.jobs.forget_all(interaction.user.id)
    await services.jobs.discard(await services.profiles.forget(interaction.user.id))
    await services.policy.note_forgotten(interaction.guild_id)
    await services.profiles.scrub()
    return Answer(forgotten_view(count, lang))


def _midnight(interaction: Interaction) -> float:
    """Return when the day began that the daily limit counts."""
    now = datetime.fromtimestamp(interaction.client.services.clock.now(), UTC)
    return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its controls."""
    bot.add_dynamic_items(ProfileControl)
    await bot.add_cog(ProfileCog())
