"""/history: what was made, with pictures; private jobs only to their owner, other servers' jobs never."""

from collections.abc import Iterable

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.jobs.model.ports import HistoryQuery
from bot.ui.cards.titles import titled
from bot.ui.cards.words import has_words
from bot.ui.forms.suggestions import MOST, Suggestions, choices, fitting
from bot.ui.interactions.components import Control, ids, numbered, permit, present, snowflake
from bot.ui.interactions.people import locale_of
from bot.ui.interactions.replies import language
from bot.ui.interactions.rights import viewer_here
from bot.ui.requests.usable_workflows import seen
from cogs.history.filters import (
    LONGEST_TEXT,
    SPANS,
    Filter,
    changed,
    filter_in,
    filter_of,
    read_since,
    span_label,
)
from cogs.history.history_queries import hidden_here, listed, one
from cogs.history.view import AS_PICTURES, EVERYBODY, Where, title_of

Interaction = discord.Interaction[ComfyBot]


class HistoryControl(
    Control, template=ids("history", "page", "refresh", "back", "show", "filter", "look", "whose")
):
    """Turns pages, changes whose and which jobs are shown and how, and goes to one job and back."""

    async def used(self, interaction: Interaction) -> None:
        """Show what was asked for; what is filtered by stands in the menu of the message itself."""
        await permit(interaction)
        entries = filter_in(interaction.message)
        if self.action == "filter":
            # Nothing turns to a page of something else.
            chosen: list[str] = getattr(self.item, "values", [])
            where = _where(f"0:{self.argument}", interaction)
            await present(
                interaction, listed(interaction, where, _filter(interaction, changed(entries, chosen)))
            )
            return
        where, narrowed = _where(self.argument, interaction), _filter(interaction, entries)
        if self.action == "show":
            await present(interaction, one(interaction, self.chosen, where, narrowed))
        else:
            await present(interaction, listed(interaction, where, narrowed))


class History(commands.Cog):
    """Shows what was made in this server."""

    @app_commands.command(name="history", description="See what you or others have made here")
    @app_commands.describe(
        user="Whose: without this, yours",
        job="One job: choose it, or type its number",
        workflow="Only what was made this way",
        text="Only what was asked for with these words",
        favourites="Only your favourites, whoever made them",
        since="Only what was made since then: 7d, or a day as 2026-01-31",
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def history(
        self,
        interaction: Interaction,
        user: discord.User | None = None,
        job: str | None = None,
        workflow: app_commands.Range[str, 1, 100] | None = None,
        text: app_commands.Range[str, 1, LONGEST_TEXT] | None = None,
        favourites: bool = False,
        since: app_commands.Range[str, 1, 30] | None = None,
    ) -> None:
        """Answer with a page of jobs, or with one."""
        await permit(interaction)
        own = interaction.user.id
        where = Where(user_id=user.id if user is not None else EVERYBODY if favourites else own)
        if job is not None and job.strip():
            await present(interaction, one(interaction, job.strip(), where, Filter()))
            return
        wanted = Filter(
            workflows=(workflow.strip(),) if workflow is not None and has_words(workflow) else (),
            text=(text or "").strip(),
            favourites=favourites,
            since=read_since(since) if since is not None else "",
        )
        await present(interaction, listed(interaction, where, wanted))

    @history.autocomplete("job")
    async def jobs(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer the newest jobs of the person asked about."""
        user = getattr(interaction.namespace, "user", None)
        user_id = user.id if user is not None else interaction.user.id
        viewer = await viewer_here(interaction)
        query = HistoryQuery(
            viewer=viewer.user_id,
            guild_id=viewer.guild_id,
            channels=viewer.channels,
            everything=viewer.everything,
            user_id=user_id,
            limit=2 * MOST,
        )
        services = interaction.client.services
        found = await services.jobs.history(query)
        lang, library = language(interaction), services.library
        candidates = [
            (title_of(titled(job, library, lang), lang, hidden=hidden_here(interaction, job)), str(job.id))
            for job in found.jobs
        ]
        return fitting(current, candidates)

    @history.autocomplete("workflow")
    async def workflows(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer the workflows there are."""
        services = interaction.client.services
        suggestions = Suggestions(services.fleet, services.families)
        return choices(suggestions.workflows(current, locale_of(interaction), await seen(interaction)))

    @history.autocomplete("since")
    async def beginnings(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer the usual beginnings."""
        lang = language(interaction)
        return fitting(current, [(span_label(since, lang), since) for since in SPANS])


def _where(argument: str, interaction: Interaction) -> Where:
    page, rest = numbered(argument)
    user, _, look = rest.partition(":")
    user_id = snowflake(user)
    return Where(
        user_id=interaction.user.id if user_id is None else user_id, page=page, pictures=look == AS_PICTURES
    )


def _filter(interaction: Interaction, entries: Iterable[str]) -> Filter:
    return filter_of(entries, interaction.client.services.library.names())


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its controls."""
    bot.add_dynamic_items(HistoryControl)
    await bot.add_cog(History())
