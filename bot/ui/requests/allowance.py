"""What a person may still ask for today, said before it is used up."""

import discord

from bot.client import ComfyBot
from bot.jobs.model.ports import StoreUnavailable
from bot.ui.interactions.replies import language, log


async def few_left(interaction: discord.Interaction[ComfyBot]) -> str:
    """Return how many pictures somebody has left today; empty while these suffice for any further job."""
    services, lang = interaction.client.services, language(interaction)
    daily = services.limits.daily
    if not daily:
        return ""
    try:
        left = daily - await services.jobs.spent_today(interaction.user.id)
    except StoreUnavailable as error:  # the job is accepted all the same
        log.info("interaction %s: not told what is left today: %s", interaction.id, error)
        return ""
    if left > services.limits.count:
        return ""
    if left <= 0:
        return lang.t("That was the last of your pictures for today.")
    return lang.n("You have one picture left today.", "You have {n} pictures left today.", left)
