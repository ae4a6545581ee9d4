"""How a request becomes a job: bound, admitted, committed."""

import asyncio
import uuid
from collections.abc import Mapping

from bot.comfy import Fleet
from bot.errors import UserError
from bot.i18n import language_for
from bot.jobs.files.content import ContentStore
from bot.jobs.model.failure import Failure, Reason
from bot.jobs.model.job import Job, MessageRef
from bot.jobs.model.ports import Admit
from bot.jobs.model.request import JobId, Request
from bot.jobs.progress.snapshots import SnapshotPublisher
from bot.jobs.queue.limits import admit
from bot.jobs.queue.plan import NO_SIZES, Plan, Planned
from bot.jobs.queue.repository import JobRepository
from bot.runtime import Clock
from bot.settings import LimitSettings
from bot.workflows.binding.growth import Size
from bot.workflows.prompts.writing_systems import reads


def _unread(planned: Planned) -> Failure | None:
    """Return what to say where the model does not read the script that somebody wrote in."""
    workflow, request = planned.workflow, planned.request
    said = " ".join(str(request.values.get(name, "")) for name in ("prompt", "negative_prompt"))
    if reads(workflow, said):
        return None
    locale = request.requester.locale
    lang = language_for(locale)
    sentence = UserError(
        "“{workflow}” does not read the script of this prompt: it understands {languages}. "
        "Write it in one of these if the result does not fit.",
        workflow=workflow.title.in_(locale) or workflow.name,
        languages=lang.listing(map(lang.language_name, workflow.prompt_languages), "or"),
    )
    return Failure.of(Reason.LANGUAGE, sentence)


class Admission:
    """Accepts requests."""

    def __init__(
        self,
        repository: JobRepository,
        plan: Plan,
        snapshots: SnapshotPublisher,
        fleet: Fleet,
        limits: LimitSettings,
        clock: Clock,
        content: ContentStore,
    ) -> None:
        self._repository = repository
        self._content = content
        self._plan = plan
        self._snapshots = snapshots
        self._fleet = fleet
        self._limits = limits
        self._clock = clock

    async def accept(self, request: Request, message: MessageRef | None) -> Job:
        """Return the committed job; raises `UserError` where the request or a limit does not allow it."""
        job = await self._planned(request, message)
        for name, ref in request.inputs.items():
            if not await asyncio.to_thread(self._content.use, ref):
                raise UserError("The file you attached is no longer there. Please attach it again.").about(
                    name
                )
        return await self._repository.accept(job, self._admitting(job))

    async def check(self, request: Request, sizes: Mapping[str, Size]) -> None:
        """Raise `UserError` where this request would not be accepted now; nothing is kept of it.

        Stands before whatever costs something that a refusal would waste, such as a download. `sizes` are those of
        pictures that are not here yet, by parameter, as far as they are known.
        """
        job = await self._planned(request, None, sizes)
        self._admitting(job)(await self._repository.store.standing(job))

    async def _planned(
        self, request: Request, message: MessageRef | None, sizes: Mapping[str, Size] = NO_SIZES
    ) -> Job:
        info = self._plan.info_of(self._fleet.servers[0])
        await self._plan.read_wildcards(request)
        # Texts are expanded, searched and bound there: with many runs and a large workflow that takes its time.
        planned = await asyncio.to_thread(self._plan.accept, request, info, sizes)
        return Job(
            id=JobId(uuid.uuid4().hex),
            number=0,
            request=planned.request,
            workflow_title=planned.workflow.title.in_(request.requester.locale) or planned.workflow.name,
            created_at=self._clock.now(),
            values=planned.values,
            planned=planned.runs,
            cost=planned.cost,
            message=message,
            notice=_unread(planned),
        )

    def _admitting(self, job: Job) -> Admit:
        timings, servers = self._snapshots.timings, len(self._fleet.servers)
        return lambda standing: admit(job, standing, self._limits, timings=timings, servers=servers)
