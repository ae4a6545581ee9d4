"""What cards are drawn and results delivered with."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.i18n import Language, language_for
from bot.jobs.model.job import Job
from bot.jobs.service import JobService
from bot.observe import Counters
from bot.runtime import Clock
from bot.ui.messages.media import Link, Smaller
from bot.ui.messages.message_api import MessageApi
from bot.ui.messages.orphaned_messages import OrphanedMessages
from bot.ui.messages.pacing import ChannelBudget, Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryContext:
    """One ended job, the ways to Discord, and the rhythm in which they are tried."""

    job: Job
    lang: Language
    jobs: JobService
    routes: MessageApi
    pace: Pace
    clock: Clock
    counters: Counters
    leftovers: OrphanedMessages

    @property
    def known(self) -> bool:
        """Whether the person ended the job, and knows; who did not has to be told, by whatever way is left."""
        return self.job.stopped_by_owner

    @property
    def late(self) -> bool:
        """Whether the job ended so long ago that what no way is open for is left to the history."""
        return self.clock.now() - (self.job.finished_at or 0.0) > self.pace.given_up


def as_asked(job: Job) -> Language:
    """Return the language a job was asked for in."""
    return language_for(job.request.requester.locale)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardContext:
    """What the cards of all jobs have in common."""

    jobs: JobService
    routes: MessageApi
    budget: ChannelBudget
    pace: Pace
    clock: Clock
    counters: Counters
    leftovers: OrphanedMessages
    link: Link
    smaller: Smaller
    previews: bool = True
    """Whether cards show what is growing."""
    language: Callable[[Job], Language] = as_asked
    """Gives the language to show a job in."""

    def context(self, job: Job, lang: Language) -> DeliveryContext:
        """Return what one ended job's result is delivered with."""
        return DeliveryContext(
            job=job,
            lang=lang,
            jobs=self.jobs,
            routes=self.routes,
            pace=self.pace,
            clock=self.clock,
            counters=self.counters,
            leftovers=self.leftovers,
        )
