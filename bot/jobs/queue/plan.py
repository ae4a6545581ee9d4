"""How a request becomes runs: which values each run gets, and its graph."""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType
from typing import Any, TypeAlias

from bot.comfy import OutputKind, Server
from bot.errors import UserError
from bot.jobs.messages.complaints import Places
from bot.jobs.model.job import Job
from bot.jobs.model.request import InputRef, Request
from bot.settings import LimitSettings
from bot.workflows.binding.amounts import Amount, amount_of
from bot.workflows.binding.bind import BindLimits, Bound, bind, draw_seed, effective_limits
from bot.workflows.binding.growth import Size, growth_of
from bot.workflows.binding.linked_outputs import hide_outputs
from bot.workflows.graph.graph import AnyGraph
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.library import Library
from bot.workflows.model.standard import wanted_and_not
from bot.workflows.model.values import DRAWN_SEED_MAXIMUM, SEED_MAXIMUM, Value
from bot.workflows.model.workflow import Workflow
from bot.workflows.prompts.prompt_resolution import needs_wildcards, spoken
from bot.workflows.prompts.wildcards import WildcardFolder

MaySay: TypeAlias = Callable[[Iterable[str], Iterable[str]], None]
OUT_OF_A_PICTURE = 16
"""How many times LIMITS_PIXELS what comes of an attached picture may have: four times each side of the largest."""
NO_SIZES: Mapping[str, Size] = MappingProxyType({})
WILDCARDS = "wildcards"
"""The folder below that of the workflows in which the wildcards lie."""
FRAMES_A_PICTURE = 24
"""A film counts as one picture for every so many frames it begins."""
_MOST_COST = 1_000_000


@dataclass(frozen=True, slots=True)
class Planned:
    """What a request comes to, bound once so that mistakes are told at once."""

    workflow: Workflow
    request: Request
    """As it was asked for, with what its texts came to beside it."""
    values: Mapping[str, Value]
    """What it was resolved to: a drawn seed, a batch for several pictures and the workflow's own values included."""
    runs: int
    cost: int
    """How many pictures it counts as."""


class Plan:
    """Turns requests into graphs with the workflows there are and the caps there are.

    `may_say` raises `UserError` for texts, or negative prompts, that are not allowed; it is asked about what they
    came to.
    """

    def __init__(
        self,
        library: Library,
        limits: LimitSettings,
        random: Random,
        may_say: MaySay = lambda _texts, _negative: None,
        *,
        linked: bool = False,
        measure: Callable[[InputRef], Size | None] = lambda _ref: None,
    ) -> None:
        """Make a plan; `measure` tells how large an attached picture is (it may block). With `linked`, people may open files by their address, so nobody may guess one."""
        self._linked = linked
        self._measure = measure
        self._may_say = may_say
        self._library = library
        self._limits = limits
        self._random = random
        self._wildcards = WildcardFolder(library.directory / WILDCARDS)
        self._info: tuple[Mapping[str, Any], ObjectInfo] | None = None

    def accept(
        self, request: Request, info: ObjectInfo | None, sizes: Mapping[str, Size] = NO_SIZES
    ) -> Planned:
        """Bind a request against what is known now; raises `UserError` that names what is wrong. Blocks.

        `sizes` are those of pictures that are not here yet, by parameter.
        """
        workflow = self._library.get(request.workflow)
        self._check_count(workflow, request)
        draws = workflow.takes("seed") and "seed" not in request.values
        seed = draw_seed(self._random) if draws else None
        batched = _batch_allows(workflow, request)
        runs = 1 if batched else request.count
        if runs > 1 and not workflow.takes("seed"):
            raise UserError(
                "“{workflow}” makes the same thing from the same input every time, so `count` can only be 1.",
                workflow=workflow.title.in_(request.requester.locale) or workflow.name,
            ).about("count")
        files = {name: ref.name for name, ref in request.inputs.items()}
        batch = _batch_of(workflow, request, batched=batched)
        request = self._speak(workflow, request, runs, batch, seed)
        bound = self._bind(workflow, _values_of_run(request, 0, batch, seed), files, info)
        if "seed" in request.values and "seed" in bound.values:
            request = request.varied(seed=bound.values["seed"])  # a number, however it was typed
        amount = amount_of(workflow, bound.graph, bound.values, info)
        self._check_pieces(workflow, request, amount, runs)
        request = replace(request, grows=self._grown(workflow, request, bound, info, sizes))
        return Planned(workflow, request, bound.values, runs, _cost(workflow, amount, runs))

    async def read_wildcards(self, request: Request) -> None:
        """Look what wildcards there are now, where a request may need some; to be awaited before it is accepted."""
        workflow = self._library.find(request.workflow)
        if workflow is not None and needs_wildcards(workflow, request.values):
            await asyncio.to_thread(self._wildcards.refresh)

    def _speak(
        self, workflow: Workflow, request: Request, runs: int, batch: int | None, seed: int | None
    ) -> Request:
        """Return the request with what its texts come to in each run."""
        request = replace(request, spoken=())
        drawn = draw_seed(self._random)  # for workflows without a seed of their own
        made = [
            spoken(workflow, values, _seed_of(values, drawn), self._wildcards.current)
            for values in (_values_of_run(request, index, batch, seed) for index in range(runs))
        ]
        # What was written was looked at before; put together, the parts may say something else.
        for each in made:
            self._may_say(*wanted_and_not(each))
        return replace(request, spoken=tuple(made)) if any(made) else request

    def info_of(self, server: Server) -> ObjectInfo | None:
        """Return what a server said last about its nodes in the form workflows read; read only once."""
        raw = server.client.cached_object_info
        return self._read(raw, server.label) if raw is not None else None

    def _read(self, raw: Mapping[str, Any], label: str) -> ObjectInfo:
        if self._info is None or self._info[0] is not raw:
            self._info = (raw, ObjectInfo(raw, label))
        return self._info[1]

    async def bind_for(self, job: Job, server: Server, files: Mapping[str, str]) -> Bound:
        """Bind the next run of a job against what its server has; raises as `accept` and the server do."""
        bound = self.bind_next(job, self._read(await server.client.object_info(), server.label), files)
        return replace(bound, graph=hide_outputs(bound.graph)) if self._linked else bound

    def bind_next(self, job: Job, info: ObjectInfo | None, files: Mapping[str, str]) -> Bound:
        """Bind the next run of a job; raises `UserError` when that is not possible any more."""
        workflow = self._library.for_job(job.request.workflow)
        batch = _batch_of(workflow, job.request, batched=job.planned == 1 and job.request.count > 1)
        seed = job.seed if workflow.takes("seed") else None
        return self._bind(workflow, _values_of_run(job.request, job.done_runs, batch, seed), files, info)

    def graph_again(self, job: Job) -> AnyGraph:
        """Return about the graph that was sent, for titles and progress; empty when it cannot be made any more."""
        files = {name: ref.name for name, ref in job.request.inputs.items()}
        try:
            return self.bind_next(job, self._info[1] if self._info is not None else None, files).graph
        except UserError:
            return {}

    def again(self, job: Job, info: ObjectInfo | None) -> Bound:
        """Bind the first run of a job once more, as it was resolved; raises `UserError` when that is not possible."""
        workflow = self._library.for_job(job.request.workflow)
        known = {name: value for name, value in job.values.items() if workflow.takes(name)}
        files = {name: ref.name for name, ref in job.request.inputs.items()}
        return self._bind(workflow, known, files, info)

    def delivered(self, job: Job) -> frozenset[str]:
        """Return the nodes whose outputs a job delivers; empty when its workflow is gone."""
        try:
            return frozenset(output.node for output in self._library.for_job(job.request.workflow).outputs)
        except UserError:
            return frozenset()

    def places(self, job: Job, server: Server) -> Places:
        """Return what explains a server's complaints about a job by the options it was asked with."""
        info = self.info_of(server)
        try:
            return Places(self._library.for_job(job.request.workflow), info)
        except UserError:
            return Places(None, info)

    def timeout(self, job: Job) -> float:
        """Return the seconds a run of a job may take in all."""
        try:
            return self._library.for_job(job.request.workflow).timeout or self._limits.job_timeout
        except UserError:
            return self._limits.job_timeout

    @property
    def _caps(self) -> BindLimits:
        return BindLimits(self._limits.count, self._limits.pixels, self._limits.steps)

    def _bind(
        self,
        workflow: Workflow,
        values: Mapping[str, Value],
        files: Mapping[str, str],
        info: ObjectInfo | None,
    ) -> Bound:
        return bind(workflow, {**values, **files}, info, limits=self._caps)

    def _check_count(self, workflow: Workflow, request: Request) -> None:
        most = effective_limits(workflow, self._caps).count
        if not 1 <= request.count <= most:
            raise UserError("`count` can be 1 to {most}.", most=most).about("count")

    def _grown(
        self,
        workflow: Workflow,
        request: Request,
        bound: Bound,
        info: ObjectInfo | None,
        sizes: Mapping[str, Size],
    ) -> tuple[int, int, int, int] | None:
        """Return what becomes of the picture that goes in; refuses what would come out too large."""
        measured = {name: size for name, ref in request.inputs.items() if (size := self._measure(ref))}
        growth = growth_of(workflow, bound.graph, info, {**sizes, **measured})
        if growth is None:
            return None
        most = OUT_OF_A_PICTURE * effective_limits(workflow, self._caps).pixels
        (width, height), (wide, high) = growth.before, growth.largest
        if wide * high > most:
            raise UserError(
                "{before} would become {after}, which is too large. Pictures of up to about {side} × {side} work.",
                before=f"{width} × {height}",
                after=f"{wide} × {high}",
                side=math.isqrt(most * width * height // (wide * high)) // 8 * 8,
            )
        return (*growth.before, *growth.after)

    def _check_pieces(self, workflow: Workflow, request: Request, amount: Amount, runs: int) -> None:
        """Refuse more pictures than a job may have; what a workflow makes unasked is its author's choice."""
        most = effective_limits(workflow, self._caps).count
        asked = {place for name in request.values if name in workflow.parameters
                 for place in workflow.parameters[name].targets}  # fmt: skip
        pieces = amount.pieces * runs
        if pieces > most and (request.count > 1 or asked & amount.places):
            raise UserError(
                "This would make {pictures} pictures, and one job can have {most} at most. Ask for fewer.",
                pictures=pieces,
                most=most,
            )


def _cost(workflow: Workflow, amount: Amount, runs: int) -> int:
    """Return how many pictures a job counts as: by the workflow's own cost of each, else a film by its frames."""
    frames = amount.frames if amount.frames > 1 else 0
    each = max(1, math.ceil(frames / FRAMES_A_PICTURE)) if workflow.cost is None else workflow.cost
    return min(_MOST_COST, math.ceil(round(amount.pieces * runs * each, 6)))


def _batch_allows(workflow: Workflow, request: Request) -> bool:
    # A batch of films would be one long film.
    if request.count == 1 or "batch" in request.values or not _has_batch(workflow):
        return False
    maximum = workflow.parameters["batch"].maximum
    return maximum is None or maximum >= request.count


def _has_batch(workflow: Workflow) -> bool:
    return workflow.takes("batch") and OutputKind.VIDEO not in workflow.output_kinds


def _batch_of(workflow: Workflow, request: Request, *, batched: bool) -> int | None:
    """Return how many pictures each run makes where that follows from `count`, which says how many come in all."""
    if batched:
        return request.count
    return 1 if request.count > 1 and "batch" not in request.values and _has_batch(workflow) else None


def _values_of_run(request: Request, index: int, batch: int | None, seed: int | None) -> Mapping[str, Value]:
    """Return what a run is bound with; `seed` is the first run's, for where none was asked for."""
    values = dict(request.values)
    if batch is not None:
        values["batch"] = batch
    if seed is not None:
        values.setdefault("seed", seed)
    first = values.get("seed")
    if index and isinstance(first, int) and not isinstance(first, bool):
        # Seeds a person can type stay so; larger ones come round at the end of what ComfyUI takes.
        top = DRAWN_SEED_MAXIMUM if first <= DRAWN_SEED_MAXIMUM else SEED_MAXIMUM
        values["seed"] = (first + index) % (top + 1)
    return {**values, **(request.spoken[index] if index < len(request.spoken) else {})}


def _seed_of(values: Mapping[str, Value], otherwise: int) -> int:
    """Return the seed of a run as a number, however it was typed; a wrong one is told when the run is bound."""
    seed = str(values.get("seed", otherwise)).strip()
    return int(seed) if seed.isascii() and seed.isdigit() and len(seed) < 30 else otherwise
