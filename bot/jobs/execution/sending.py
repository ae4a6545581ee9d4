"""Getting one run onto a server: never sent before its prompt id is committed, and never sent twice."""

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.comfy import ComfyError, Gone, Problem, Rejected, Server
from bot.errors import UserError
from bot.jobs.execution.run_monitor import Pace
from bot.jobs.files.content import ContentStore
from bot.jobs.messages.complaints import for_the_log, of_rejection
from bot.jobs.model.failure import Failure, Reason
from bot.jobs.model.job import Job, Run
from bot.jobs.model.transitions import attempts
from bot.jobs.queue.plan import Plan
from bot.jobs.queue.scheduler import goes_before_all
from bot.observe.reference import new_reference
from bot.workflows.graph.graph import Graph

log = logging.getLogger(__name__)

JOB_KEY = "discord_job"
"""Under this key of `extra_data` a server keeps which job a prompt belongs to; everybody can read it there."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A graph ready to be sent, its inputs uploaded."""

    graph: Graph
    seed: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The server has the run; `problems` are the branches it left out."""

    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Absent:
    """It is certain (as far as can be asked) that the server does not have it, or nobody asks a `silent` one any more."""

    silent: bool = False


class Sender:
    """Uploads, binds and posts. `reached` is told whether a server that was asked about a run has answered."""

    def __init__(
        self,
        plan: Plan,
        content: ContentStore,
        *,
        pace: Pace,
        previews: bool,
        reached: Callable[[Server, bool], None] = lambda _server, _answers: None,
    ) -> None:
        self._reached = reached
        self._plan = plan
        self._content = content
        self._pace = pace
        self._previews = previews

    async def prepare(self, job: Job, server: Server) -> Prepared | Refused:
        """Upload what is attached and bind against what this server has; raises `ComfyError` when it cannot be done now."""
        try:
            files = {name: await self._upload(server, job, name) for name in job.request.inputs}
            bound = await self._plan.bind_for(job, server, files)
        except UserError as error:
            return Refused(Failure.of(Reason.INPUT if job.request.inputs else Reason.REJECTED, error))
        except Rejected as error:
            if error.status >= 500:
                raise
            return Refused(of_rejection(error, ""))
        seed = bound.values.get("seed")
        return Prepared(bound.graph, int(seed) if isinstance(seed, int) else None)

    def new_run(self, job: Job, server: Server, prepared: Prepared) -> Run:
        """Return the next run of a job, to be committed before it is posted."""
        index = job.done_runs
        return Run(
            index=index,
            attempt=attempts(job, index) + 1,
            prompt_id=str(uuid.uuid4()),
            client_id=server.listener.client_id,
            server=server.label,
            seed=prepared.seed,
        )

    async def post(self, job: Job, run: Run, prepared: Prepared, server: Server) -> Taken | Refused | None:
        """Post the graph once; returns None when nobody knows whether it arrived: to be found out."""
        extra: dict[str, Any] = {JOB_KEY: job.id, "preview_method": "auto" if self._previews else "none"}
        try:
            submission = await server.client.submit(
                prepared.graph,
                prompt_id=run.prompt_id,
                client_id=run.client_id,
                extra_data=extra,
                front=goes_before_all(job),
            )
        except Rejected as error:
            if error.status < 500:
                why = for_the_log(error.problems)
                log.warning("job %s: %s refused it: %s: %s", job.number, server.label, error, why)
                return Refused(of_rejection(error, "", self._plan.places(job, server)))
            log.warning("job %s: %s answered %s; looking whether it took it", job.number, server.label, error)
        except ComfyError as error:
            log.warning("job %s: no answer from %s (%s); looking", job.number, server.label, error)
        else:
            server.listener.note_submitted()
            return Taken(submission.problems)
        self._reached(server, False)
        return None

    async def find_out(self, run: Run, server: Server, given_up: Callable[[], bool]) -> Taken | Absent:
        """Look in queue and history, as long as it takes, until it is known whether the server has a run.

        Absent takes two looks: a request that timed out may still be on its way. A silent server is asked no more
        once `given_up` says so; what arrived there all the same is taken out when it answers again.
        """
        misses = 0
        while True:
            try:
                where = await server.client.locate(run.prompt_id)
            except ComfyError as error:
                log.info("prompt %s: no answer about it: %s", run.prompt_id, error)
                self._reached(server, False)
                if given_up():
                    return Absent(silent=True)
                await asyncio.sleep(self._pace.poll)
                continue
            self._reached(server, True)
            if not isinstance(where, Gone):
                return Taken()
            misses += 1
            if misses >= 2:
                return Absent()
            await asyncio.sleep(min(self._pace.poll, self._pace.second_look))

    async def _upload(self, server: Server, job: Job, name: str) -> str:
        ref = job.request.inputs[name]
        try:
            return (await server.client.upload_image(self._content.path(ref), ref.name)).load_value
        except OSError as error:
            raise UserError("The file you attached is no longer there. Please attach it again.") from error


def referenced(refused: Refused) -> Failure:
    """Return why a job was refused, under the reference its person is told."""
    return replace(refused.failure, reference=new_reference())
