"""What the server remembers of jobs, and where a job is."""

from collections.abc import Sequence

from bot.comfy import raw
from bot.comfy.api import Api, segment
from bot.comfy.errors import NotFound, NotSupported, ProtocolError, Rejected
from bot.comfy.history import parse_entry, parse_history, parse_job, parse_job_detail
from bot.comfy.models import (
    Ended,
    Gone,
    HistoryEntry,
    JobDetail,
    JobsPage,
    JobStatus,
    Pending,
    Running,
    Whereabouts,
)
from bot.comfy.queue import Queue


class Records:
    """The server's history, and the newest servers' list of jobs."""

    def __init__(self, api: Api, queue: Queue) -> None:
        self._api = api
        self._queue = queue

    async def history(self, max_items: int | None, offset: int | None) -> tuple[HistoryEntry, ...]:
        """Return ended jobs, newest last."""
        if max_items is not None and max_items < 1:
            return ()
        params = {"max_items": max_items, "offset": offset}
        query = {name: str(value) for name, value in params.items() if value is not None}
        body = await self._api.json("GET", "/history", params=query)
        if not isinstance(body, dict):
            raise ProtocolError("the history is not told as ComfyUI tells it")
        return parse_history(body)

    async def entry(self, prompt_id: str) -> HistoryEntry | None:
        """Return an ended job; None when it is unknown, waits or runs."""
        try:
            body = await self._api.json("GET", f"/history/{segment(prompt_id)}")
        except NotFound:
            return None
        if not isinstance(body, dict):
            raise ProtocolError("the history is not told as ComfyUI tells it")
        entry = raw.mapping(body).get(prompt_id)
        return parse_entry(prompt_id, entry) if isinstance(entry, dict) else None

    async def jobs(self, status: Sequence[str], limit: int, offset: int) -> JobsPage:
        """Return one page of jobs."""
        await self._require_jobs()
        query = {"limit": str(limit), "offset": str(offset)}
        if status:
            query["status"] = ",".join(status)
        body = raw.mapping(await self._api.json("GET", "/jobs", params=query))
        if not isinstance(body.get("jobs"), list):
            raise ProtocolError("the jobs are not told as ComfyUI tells them")
        jobs = tuple(
            job for entry in raw.items(body["jobs"])[:limit] if (job := parse_job(entry)) is not None
        )
        pages = raw.mapping(body.get("pagination"))
        total = raw.whole(pages.get("total"))
        return JobsPage(jobs, len(jobs) if total is None else total, pages.get("has_more") is True)

    async def job(self, prompt_id: str) -> JobDetail | None:
        """Return one job in full; None when the server does not know it."""
        await self._require_jobs()
        try:
            body = await self._api.json("GET", f"/jobs/{segment(prompt_id)}")
        except NotFound:
            return None
        detail = parse_job_detail(body)
        if detail is None:
            raise ProtocolError("the job is not told as ComfyUI tells it")
        return detail

    async def locate(self, prompt_id: str) -> Whereabouts:
        """Tell where a job is: the newest servers say so at once, others are asked for queue, then history.

        In this order a job that ends meanwhile is not missed; the other way round it was, half of the time.
        """
        if (await self._api.features()).jobs_api and (told := await self._told(prompt_id)) is not None:
            return told
        queue = await self._queue.snapshot()
        if queue.is_running(prompt_id):
            return Running()
        if (position := queue.position(prompt_id)) is not None:
            return Pending(position)
        entry = await self.entry(prompt_id)
        return Gone() if entry is None else Ended(entry)

    async def delete(self, prompt_ids: Sequence[str]) -> None:
        """Make the server forget ended jobs; unknown ids are fine."""
        if prompt_ids:
            await self._api.send("POST", "/history", body={"delete": list(prompt_ids)})

    async def clear(self) -> None:
        """Make the server forget all ended jobs."""
        await self._api.send("POST", "/history", body={"clear": True})

    async def _told(self, prompt_id: str) -> Whereabouts | None:
        """Return what the list of jobs says, where that settles it (a place in the queue it does not tell)."""
        try:
            detail = await self.job(prompt_id)
        except (Rejected, ProtocolError):
            return None
        if detail is None:
            return None
        if detail.entry is not None:
            # Should the list count outputs without telling them, the history has them.
            untold = detail.summary.outputs_count > 0 and not detail.entry.outputs
            return None if untold else Ended(detail.entry)
        return Running() if detail.summary.status is JobStatus.IN_PROGRESS else None

    async def _require_jobs(self) -> None:
        if not (await self._api.features()).jobs_api:
            raise NotSupported("this server is too old to list jobs", 404)
