"""/profile: what a person has set for all their jobs, what they have used, and the wish to be forgotten."""

from datetime import UTC, datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import LANGUAGES, Language
from bot.jobs.profile import Defaults, Notify
from bot.ui.defaults import (
    MODEL,
    NEGATIVE,
    Written,
    offered_models,
    read_defaults,
    sizable,
    written_size,
)
from bot.ui.forms import Form
from bot.ui.listing.profile import ProfilePage, forget_view, forgotten_view, profile_view
from bot.ui.people import actor_of, admitted, place_of
from bot.ui.pressing import Answer, Control, ids, permit, present, show
from bot.ui.replies import language, shorten
from bot.workflows.schema import ObjectInfo
from bot.workflows.workflow import Workflow

Interaction = discord.Interaction[ComfyBot]
MENU = 25
NEGATIVE_LENGTH = 1000
OWN, SHARED, PRIVATE = "-", "shared", "private"


class ProfileControl(
    Control, template=ids("profile", "language", "notify", "defaults", "forget", "really", "back")
):
    """Changes what is set; every menu stands for the person who uses it."""

    async def used(self, interaction: Interaction) -> None:
        """Change it, and show how it is then."""
        profiles, user_id = interaction.client.services.profiles, interaction.user.id
        match self.action:
            case "really":
                await present(interaction, _forget(interaction))
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
                await profiles.notify(user_id, Notify(self.chosen))
            case _:
                pass
        await show(interaction, await _profile(interaction))


class DefaultsForm(Form):
    """Asks for a person's defaults of one workflow."""

    def __init__(
        self, workflow: Workflow, defaults: Defaults, models: tuple[str, ...], lang: Language, custom_id: str
    ) -> None:
        super().__init__(
            lang.t("Your defaults: {workflow}", workflow=workflow.title.in_(lang.code) or workflow.name),
            custom_id,
        )
        self.workflow = workflow
        values = defaults.values
        self.model = self._model(lang, models, str(values.get(MODEL, ""))) if workflow.takes(MODEL) else None
        self.size = (
            self.add_text(
                lang.t("Size"),
                default=written_size(values),
                limit=20,
                description=lang.t("832×1216, or its shape as 2:3; empty for the workflow's own"),
            )
            if sizable(workflow)
            else None
        )
        self.negative = (
            self.add_text(
                lang.t("Negative prompt"),
                default=str(values.get(NEGATIVE, "")),
                paragraph=True,
                limit=NEGATIVE_LENGTH,
                description=lang.t("What it should not be"),
            )
            if workflow.takes(NEGATIVE)
            else None
        )
        self.private = self._menu(
            lang.t("Who sees it"),
            [(lang.t("Everybody in the channel"), SHARED), (lang.t("Only you"), PRIVATE)],
            PRIVATE if defaults.private else SHARED,
        )

    def _model(
        self, lang: Language, models: tuple[str, ...], own: str
    ) -> "discord.ui.Select[Any] | discord.ui.TextInput[Any]":
        title = lang.t("Model")
        if not 0 < len(models) < MENU or any(len(model) > 100 for model in models):
            return self.add_text(title, default=own, limit=300)
        offered = [(lang.t("The workflow's own"), OWN), *((model, model) for model in models)]
        return self._menu(title, offered, own if own in models else OWN)

    def _menu(self, label: str, options: list[tuple[str, str]], chosen: str) -> discord.ui.Select[Any]:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(label=shorten(shown, 100), value=value, default=value == chosen)
                for shown, value in options
            ],
            required=False,
        )
        self.add_item(discord.ui.Label(text=shorten(label, 45), component=menu))
        return menu

    async def submitted(self, interaction: Interaction) -> None:
        """Keep what was written, and show it."""
        services = interaction.client.services
        written = Written(
            model="" if (model := _entered(self.model)) == OWN else model,
            size=_entered(self.size),
            negative_prompt=_entered(self.negative),
            private=_entered(self.private) == PRIVATE,
        )
        defaults = read_defaults(self.workflow, written, _info(interaction), pixels=services.limits.pixels)
        await services.profiles.default(interaction.user.id, self.workflow.name, defaults)
        answer = await _profile(interaction)
        assert answer.view is not None
        if interaction.message is not None:
            await interaction.response.edit_message(view=answer.view)
        else:
            await interaction.response.send_message(view=answer.view, ephemeral=True)


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


async def _profile(interaction: Interaction) -> Answer:
    services, lang = interaction.client.services, language(interaction)
    profile = await services.profiles.of(interaction.user.id)
    known = {name: services.library.find(name) for name in profile.defaults}
    page = ProfilePage(
        profile=profile,
        usage=await services.profiles.usage(interaction.user.id, midnight=_midnight(interaction)),
        workflows=await _usable(interaction),
        titles={name: each.title.in_(lang.code) or name for name, each in known.items() if each is not None},
        daily=services.limits.daily,
    )
    return Answer(profile_view(page, lang))


async def _usable(interaction: Interaction) -> list[Workflow]:
    actor, nsfw = await actor_of(interaction), place_of(interaction).nsfw
    return [
        each
        for each in interaction.client.services.library.enabled()
        if (nsfw or not each.nsfw) and admitted(interaction, each, actor)
    ]


async def _ask(interaction: Interaction, name: str) -> None:
    services, lang = interaction.client.services, language(interaction)
    workflow = next((each for each in await _usable(interaction) if each.name[:100] == name), None)
    if workflow is None:
        raise UserError("This workflow is not there any more. Use `/profile` again.")
    profile = await services.profiles.of(interaction.user.id)
    defaults = profile.defaults.get(workflow.name, Defaults())
    models = offered_models(workflow, _info(interaction))
    form = DefaultsForm(workflow, defaults, models, lang, f"profile:form:{interaction.id}")
    await interaction.response.send_modal(form)


async def _forget(interaction: Interaction) -> Answer:
    services, lang = interaction.client.services, language(interaction)
    count = await services.jobs.forget_all(interaction.user.id)
    await services.jobs.discard(await services.profiles.forget(interaction.user.id))
    await services.policy.note(await actor_of(interaction), "forget me")
    return Answer(forgotten_view(count, lang))


def _info(interaction: Interaction) -> ObjectInfo | None:
    raw = interaction.client.services.fleet.pick().client.cached_object_info
    return ObjectInfo(raw) if raw is not None else None


def _midnight(interaction: Interaction) -> float:
    """Return when the day began that the daily limit counts."""
    now = datetime.fromtimestamp(interaction.client.services.clock.now(), UTC)
    return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _entered(field: "discord.ui.Select[Any] | discord.ui.TextInput[Any] | None") -> str:
    match field:
        case discord.ui.Select():
            return field.values[0] if field.values else ""
        case discord.ui.TextInput():
            return field.value
        case None:
            return ""


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its controls."""
    bot.add_dynamic_items(ProfileControl)
    await bot.add_cog(ProfileCog())
