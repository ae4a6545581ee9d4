"""The line under the bot's name: what is in the queue, in a language that everybody who sees it shares."""

from collections.abc import Iterable

from bot.i18n import Language, language_for
from bot.jobs.model.job import Job, JobState

INTERVAL = 5.0
"""Seconds between two looks; Discord takes five changes in twenty seconds."""


def shared_language(locales: Iterable[str]) -> Language:
    """Return the language all servers have set, by their locales; English where they differ or there is none."""
    spoken = {language_for(locale) for locale in locales}
    return spoken.pop() if len(spoken) == 1 else language_for(None)


def presence(jobs: Iterable[Job], lang: Language) -> str:
    """Return the line for these unfinished jobs."""
    states = [job.state for job in jobs]
    running = states.count(JobState.RUNNING)
    if not states:
        return lang.t("Ready: /imagine")
    return lang.t(
        "{running} running, {waiting} waiting",
        running=lang.number(running),
        waiting=lang.number(len(states) - running),
    )
