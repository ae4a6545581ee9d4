"""How a request becomes a job: bound, admitted, committed."""

import uuid

from bot.comfy import Fleet
from bot.jobs.board import Board
from bot.jobs.job import Job, MessageRef
from bot.jobs.ledger import Ledger
from bot.jobs.limits import admit
from bot.jobs.plan import Plan
from bot.jobs.request import JobId, Request
from bot.runtime import Clock
from bot.settings import LimitSettings


class Intake:
    """Accepts requests."""

    def __init__(
        self, ledger: Ledger, plan: Plan, board: Board, fleet: Fleet, limits: LimitSettings, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._plan = plan
        self._board = board
        self._fleet = fleet
        self._limits = limits
        self._clock = clock

    async def accept(self, request: Request, message: MessageRef | None) -> Job:
        """Return the committed job; raises `UserError` where the request or a limit does not allow it."""
        info = self._plan.info_of(self._fleet.servers[0].client.cached_object_info)
        await self._plan.read_wildcards(request)
        planned = self._plan.accept(request, info)
        job = Job(
            id=JobId(uuid.uuid4().hex),
            number=0,
            request=planned.request,
            workflow_title=planned.workflow.title.in_(request.requester.locale) or planned.workflow.name,
            created_at=self._clock.now(),
            values=planned.values,
            planned=planned.runs,
            message=message,
        )
        timings, servers = self._board.timings, len(self._fleet.servers)
        return await self._ledger.accept(
            job, lambda standing: admit(job, standing, self._limits, timings=timings, servers=servers)
        )
