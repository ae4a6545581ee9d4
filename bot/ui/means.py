"""What everything that brings one job's result to its person works with."""

from dataclasses import dataclass

from bot.i18n import Language
from bot.jobs.job import Job, JobState
from bot.jobs.service import JobService
from bot.observe import Counters
from bot.runtime import Clock
from bot.ui.pacing import Pace
from bot.ui.routes import Routes


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """One ended job, the ways to Discord, and the rhythm in which they are tried."""

    job: Job
    lang: Language
    jobs: JobService
    routes: Routes
    pace: Pace
    clock: Clock
    counters: Counters

    @property
    def known(self) -> bool:
        """Whether the person ended the job, and knows; who did not has to be told, by whatever way is left."""
        by_oneself = self.job.cancel_requested_by == self.job.request.requester.user_id
        return by_oneself and self.job.state is JobState.CANCELLED
