"""Removing what a job leaves behind: our own copies, and the server's record of it."""

import asyncio
import logging

from bot.comfy import ComfyError, Fleet
from bot.jobs.content import ContentStore
from bot.jobs.job import Job
from bot.jobs.ports import JobStore, StoreUnavailable

log = logging.getLogger(__name__)


class Erasing:
    """Takes away the traces of jobs that were removed; what a server has no route for stays there."""

    def __init__(self, store: JobStore, fleet: Fleet, kept: ContentStore) -> None:
        self._store = store
        self._fleet = fleet
        self._kept = kept

    async def erase(self, job: Job) -> None:
        """Remove copies that no other job shares, and the job's runs from their servers' history.

        Never raises for a server that does not answer: its history is short-lived, and names nobody.
        """
        await self._copies(job)
        for label in dict.fromkeys(run.server for run in job.runs):
            server = self._fleet.find(label)
            if server is None:
                continue
            try:
                await server.client.delete_history(
                    *(run.prompt_id for run in job.runs if run.server == label)
                )
            except ComfyError as error:
                log.warning("job %s stays in the history of %s: %s", job.number, label, error)

    async def _copies(self, job: Job) -> None:
        for kept in {made.kept for made in job.outputs if made.kept is not None}:
            try:
                if not await self._store.keeps(kept.sha256):
                    await asyncio.to_thread(self._kept.path(kept).unlink, missing_ok=True)
            except (StoreUnavailable, OSError) as error:
                log.warning("a copy of job %s was not removed: %s", job.number, error)
