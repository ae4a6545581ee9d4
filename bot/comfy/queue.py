"""Sending graphs, seeing where they are, and taking them back."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from bot.comfy import raw
from bot.comfy.api import Api, segment
from bot.comfy.errors import NotFound, NotSupported, ProtocolError
from bot.comfy.models import CancelResult, QueueItem, QueueSnapshot, Submission
from bot.comfy.problems import parse_problems

MOST_ITEMS = 20_000
"""Jobs that are read, running or waiting; so many graphs are more than an answer holds."""


def parse_queue(body: Any) -> QueueSnapshot:
    """Read the answer of `GET /queue`; raise ProtocolError when it is none.

    The server lists its heap as it lies in memory; the order of execution is by number, then by prompt id as text.
    """
    body = raw.mapping(body)
    running, pending = body.get("queue_running"), body.get("queue_pending")
    if not isinstance(running, list) or not isinstance(pending, list):
        raise ProtocolError("the queue is not told as ComfyUI tells it")
    waiting = sorted(_items(pending), key=lambda item: (item.number, item.prompt_id))
    return QueueSnapshot(_items(running), tuple(waiting))


def _items(entries: Any) -> tuple[QueueItem, ...]:
    return tuple(
        item for entry in raw.items(entries)[:MOST_ITEMS] if (item := _item(raw.items(entry))) is not None
    )


def _item(entry: Sequence[Any]) -> QueueItem | None:
    if len(entry) < 3 or (prompt_id := raw.text(entry[1])) is None:
        return None
    number = raw.number(entry[0])
    extra = raw.mapping(entry[3]) if len(entry) > 3 else raw.NOTHING
    client_id = raw.text(extra.get("client_id"))
    return QueueItem(
        float("inf") if number is None else number, prompt_id, client_id, extra, raw.mapping(entry[2])
    )


class Queue:
    """The server's queue."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def remaining(self) -> int:
        """Return how many jobs run and wait together."""
        body = raw.mapping(await self._api.json("GET", "/prompt"))
        count = raw.whole(raw.mapping(body.get("exec_info")).get("queue_remaining"))
        if count is None:
            raise ProtocolError("the number of jobs is not told as ComfyUI tells it")
        return max(0, count)

    async def snapshot(self) -> QueueSnapshot:
        """Return what runs and what waits."""
        return parse_queue(await self._api.json("GET", "/queue"))

    async def submit(
        self, graph: Mapping[str, Any], *, prompt_id: str, client_id: str | None,
        extra_data: Mapping[str, Any] | None, front: bool, number: float | None,
    ) -> Submission:  # fmt: skip
        """Post a graph, once."""
        if str(uuid.UUID(prompt_id)) != prompt_id:
            raise ValueError("a prompt id must be a UUID in lower case with hyphens")
        # Anything but a text as client id, or but an object as extra data, can bring the whole server down.
        body: dict[str, Any] = {
            "prompt": dict(graph),
            "prompt_id": prompt_id,
            "extra_data": dict(extra_data or {}),
        }
        if client_id is not None:
            body["client_id"] = str(client_id)
        if number is not None:
            body["number"] = float(number)
        elif front:
            body["front"] = True
        answer = raw.mapping(await self._api.json("POST", "/prompt", body=body, graph=graph))
        taken, place = raw.text(answer.get("prompt_id")), raw.number(answer.get("number"))
        if not taken or place is None:
            raise ProtocolError("the graph was not acknowledged as ComfyUI does it")
        return Submission(taken, place, parse_problems({"node_errors": answer.get("node_errors")}, graph))

    async def cancel(self, prompt_id: str) -> CancelResult:
        """Take out a waiting job, or stop the running one, and never anybody else's."""
        before = await self.snapshot()
        if before.find(prompt_id) is None:
            return CancelResult.NOT_FOUND
        running = before.is_running(prompt_id)
        if (await self._api.features()).jobs_api:
            try:
                return await self._cancel_at_once(prompt_id, running=running)
            except (NotFound, NotSupported):
                pass  # an older server answers at this address now: do it the older way
        return await self._cancel_in_steps(prompt_id, running=running)

    async def delete(self, prompt_ids: Sequence[str]) -> None:
        """Take waiting jobs out; unknown and running ones are left alone."""
        if prompt_ids:
            await self._api.send("POST", "/queue", body={"delete": list(prompt_ids)})

    async def clear(self) -> None:
        """Take all waiting jobs out, everybody's."""
        await self._api.send("POST", "/queue", body={"clear": True})

    async def interrupt(self, prompt_id: str | None) -> None:
        """Stop the job if it is the one running; None stops whatever runs."""
        await self._api.send("POST", "/interrupt", body={} if prompt_id is None else {"prompt_id": prompt_id})

    async def _cancel_at_once(self, prompt_id: str, *, running: bool) -> CancelResult:
        answer = raw.mapping(await self._api.json("POST", f"/jobs/{segment(prompt_id)}/cancel", body={}))
        if answer.get("cancelled") is not True:
            return CancelResult.NOT_FOUND
        return CancelResult.INTERRUPTED if running else CancelResult.REMOVED

    async def _cancel_in_steps(self, prompt_id: str, *, running: bool) -> CancelResult:
        if not running:
            await self.delete([prompt_id])
            # It may have started, or even ended, just before.
            running = (await self.snapshot()).is_running(prompt_id)
            if not running:
                ended = raw.mapping(await self._api.json("GET", f"/history/{segment(prompt_id)}"))
                return CancelResult.NOT_FOUND if ended else CancelResult.REMOVED
        # The oldest servers overlook the id and stop whatever runs, hence only when it was just seen running.
        await self.interrupt(prompt_id)
        return CancelResult.INTERRUPTED
