"""The `/api/jobs` routes of the newest servers."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from bot.demo.comfyui.run import Run
from bot.demo.comfyui.values import is_object
from bot.demo.comfyui.worker import Entry

STATES = ("pending", "in_progress", "completed", "failed", "cancelled")
PREVIEWABLE = ("images", "video", "audio", "gifs", "3d")


class JobRoutes:
    """One view over queue and history that tells all states apart."""

    def __init__(self, run: Run) -> None:
        self.run = run

    async def many(self, request: web.Request) -> web.Response:
        """Return a page of jobs, or 400 with a sentence for bad parameters."""
        query = request.query
        wanted = [state for state in query.get("status", "").split(",") if state]
        if bad := [state for state in wanted if state not in STATES]:
            return refused(f"Invalid status value(s): {', '.join(bad)}")
        order, field = query.get("sort_order", "desc"), query.get("sort_by", "created_at")
        if order not in ("asc", "desc") or field not in ("created_at", "execution_duration"):
            return refused("sort_by must be created_at or execution_duration, sort_order asc or desc")
        try:
            limit = int(query["limit"]) if "limit" in query else None
            offset = max(0, int(query.get("offset", "0")))
        except ValueError:
            return refused("limit and offset must be integers")
        if limit is not None and limit <= 0:
            return refused("limit must be a positive integer")
        jobs = [job for job in self.all() if not wanted or job["status"] in wanted]
        jobs.sort(key=duration if field == "execution_duration" else created, reverse=order == "desc")
        page = jobs[offset : None if limit is None else offset + limit]
        pagination = {
            "offset": offset, "limit": limit, "total": len(jobs), "has_more": offset + len(page) < len(jobs),
        }  # fmt: skip
        return web.json_response({"jobs": page, "pagination": pagination})

    async def one(self, request: web.Request) -> web.Response:
        """Return one job in detail, or 404."""
        job = self.detail(request.match_info["prompt_id"])
        return (
            web.json_response({"error": "Job not found"}, status=404)
            if job is None
            else web.json_response(job)
        )

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel one job whatever its state, and tell whether there was anything to cancel."""
        return web.json_response({"cancelled": self.cancel_one(request.match_info["prompt_id"])})

    async def cancel_many(self, request: web.Request) -> web.Response:
        """Cancel several jobs."""
        try:
            data: Any = json.loads(await request.text())
            ids = [str(uuid.UUID(given)) for given in data["job_ids"]]
        except (ValueError, TypeError, LookupError, AttributeError):
            return refused("job_ids must be a list of UUIDs")
        return web.json_response(
            {"cancelled": [prompt_id for prompt_id in ids if self.cancel_one(prompt_id)]}
        )

    def cancel_one(self, prompt_id: str) -> bool:
        """Interrupt or dequeue a job."""
        return self.run.worker.interrupt(prompt_id) or self.run.worker.delete(prompt_id)

    def all(self) -> list[dict[str, Any]]:
        """Return every job known, in short."""
        worker = self.run.worker
        jobs = [self.waiting(entry, "pending") for entry in worker.pending]
        jobs.extend(self.waiting(entry, "cancelled") for entry in worker.cancelled.values())
        if worker.running:
            jobs.append(self.waiting(worker.running, "in_progress"))
        jobs.extend(self.ended(prompt_id, entry) for prompt_id, entry in worker.history.items())
        return jobs

    def detail(self, prompt_id: str) -> dict[str, Any] | None:
        """Return one job with its graph and outputs, or None."""
        worker = self.run.worker
        short = next((job for job in self.all() if job["id"] == prompt_id), None)
        if short is None:
            return None
        entry = worker.history.get(prompt_id)
        if entry is not None:
            graph, extra = entry["prompt"][2], entry["prompt"][3]
            more: dict[str, Any] = {"outputs": entry["outputs"], "execution_status": entry["status"]}
        else:
            known = [
                *worker.pending,
                *worker.cancelled.values(),
                *([worker.running] if worker.running else []),
            ]
            _, _, graph, extra, _ = next(found for found in known if found[1] == prompt_id)
            more = {"outputs": {}}
        return short | more | {"workflow": {"prompt": graph, "extra_data": extra}}

    def waiting(self, entry: Entry, status: str) -> dict[str, Any]:
        """Return a job that has not ended."""
        number, prompt_id, _, extra, _ = entry
        return {
            "id": prompt_id, "status": status, "priority": number, "create_time": extra.get("create_time", 0),
            "outputs_count": 0, "previewable_outputs_count": 0,
        }  # fmt: skip

    def ended(self, prompt_id: str, entry: dict[str, Any]) -> dict[str, Any]:
        """Return a job of the history; fields that would be null are left out."""
        number, _, _, extra, _ = entry["prompt"]
        messages: dict[str, dict[str, Any]] = dict(entry["status"]["messages"])
        failed = "cancelled" if "execution_interrupted" in messages else "failed"
        status = "completed" if entry["status"]["completed"] else failed
        items = list(listed(entry["outputs"]))
        shown = [item for item in items if item["mediaType"] in PREVIEWABLE]
        ends = [
            data["timestamp"]
            for kind, data in messages.items()
            if kind not in ("execution_start", "execution_cached")
        ]
        job: dict[str, Any] = {
            "id": prompt_id,
            "status": status,
            "priority": number,
            "create_time": extra.get("create_time", 0),
            "execution_start_time": messages.get("execution_start", {}).get("timestamp"),
            "execution_end_time": ends[-1] if ends else None,
            "execution_error": messages.get("execution_error"),
            "outputs_count": len(items),
            "previewable_outputs_count": len(shown),
            "preview_output": next(iter([item for item in shown if item["type"] == "output"] or shown), None),
        }
        return {key: value for key, value in job.items() if value is not None}


def listed(outputs: dict[str, dict[str, list[Any]]]) -> Iterator[dict[str, Any]]:
    """Return every file of a job, with the node and the key it stands under."""
    for node_id, shown in outputs.items():
        for key, values in shown.items():
            yield from (item | {"nodeId": node_id, "mediaType": key} for item in values if is_object(item))


def refused(sentence: str) -> web.Response:
    """Return a 400 whose error is a plain sentence, as these routes do."""
    return web.json_response({"error": sentence}, status=400)


def created(job: dict[str, Any]) -> float:
    """Return when a job was made."""
    return job["create_time"]


def duration(job: dict[str, Any]) -> float:
    """Return how long a job ran, in milliseconds."""
    return job.get("execution_end_time", 0) - job.get("execution_start_time", 0)
