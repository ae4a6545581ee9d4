"""What goes wrong with a job again and again ends it, so that nothing is tried for ever."""

import logging
from collections import Counter
from collections.abc import Callable

from bot.jobs.model import transitions
from bot.jobs.model.failure import Failure
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.request import JobId
from bot.jobs.queue.repository import JobRepository
from bot.observe.reference import new_reference
from bot.runtime import Clock

log = logging.getLogger(__name__)

MOST = 5
"""How often something that is not just silence may go wrong with one job before it is ended."""

Why = Callable[[str], Failure]
"""Returns what the person is told, under a reference."""


class FailureCounter:
    """Counts, for each unfinished job, what went wrong."""

    def __init__(self, repository: JobRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock
        self._counts: Counter[JobId] = Counter()

    async def one_more(self, job_id: JobId, why: Why) -> bool:
        """Count a mishap; returns whether it was one too many, and the job has been ended."""
        self._counts[job_id] += 1
        job = self._repository.peek(job_id)
        if job is None or self._counts[job_id] < MOST:
            return job is None
        failure = why(new_reference())
        log.error("job %s is ended (reference %s): %s", job.number, failure.reference, failure.sentence)

        def end(job: Job) -> Job:
            if job.state.is_final:
                return job
            return transitions.ended(
                job, JobState.FAILED, self._clock.now(), run=job.current_run, failure=failure
            )

        await self._repository.change(job_id, end)
        self._counts.pop(job_id, None)
        return True

    async def end_after_too_many(self, job_id: JobId, why: Why) -> bool:
        """Do as `one_more`; an end that cannot be stored is tried again with the next mishap."""
        try:
            return await self.one_more(job_id, why)
        except Exception:
            log.exception("job %s: its end could not be stored", job_id)
            return False

    def over(self, job_id: JobId) -> None:
        """Forget what went wrong with a job that has ended."""
        if self._repository.peek(job_id) is None:
            self._counts.pop(job_id, None)
