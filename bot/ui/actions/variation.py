"""What it means to vary a result: the request for something that is nearly the same. Pure but for the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.errors import UserError
from bot.jobs.model.job import Job, JobOutput
from bot.jobs.model.request import InputRef, OriginKind, Value
from bot.workflows.library.library import Library
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.values import DRAWN_SEED_MAXIMUM
from bot.workflows.model.workflow import Workflow, WorkflowKind

LEAST, MOST = 30, 50
"""Hundredths of a picture that a variation may change: less is hardly seen, more is another picture."""
STRENGTH = 0.2
"""How much of another seed is mixed in, where a workflow can do that."""
CARRIED = (
    "prompt", "negative_prompt", "model", "vae", "lora", "lora_strength", "steps", "cfg", "guidance", "sampler",
    "scheduler",
)  # fmt: skip
"""What goes along to a workflow that makes pictures of pictures, where that takes it."""

Dice = Callable[[int], int]
"""Gives a number from 0 to below this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """A request to be: `picture` is the parameter the chosen picture goes to, None where it is not needed."""

    kind: OriginKind
    workflow: Workflow
    values: Mapping[str, Value]
    picture: str | None = None
    inputs: Mapping[str, InputRef] = field(default_factory=dict[str, InputRef])
    """The job's own files that go along."""
    count: int = 1


def variation(
    job: Job, chosen: JobOutput | None, library: Library, dice: Dice, *, may: Callable[[Workflow], bool]
) -> Variation:
    """Decide how a result is varied; raises `UserError` where nothing about it can be.

    `may` says whether this person can use another workflow than the job's own.

    First choice: the workflow itself mixes seeds. Then: the picture itself is changed a little with its own seed, by
    the workflow that made it or, with the same model, by the one that makes pictures of pictures. Else another seed
    with everything as it was asked for. Choices and wildcards stay as they fell for what was chosen. A picture that
    was chosen gives one picture; where none was chosen, there are as many as were asked for.
    """
    own = library.get(job.request.workflow)
    run = chosen.run if chosen is not None else 0
    asked = {
        name: value for name, value in {**job.request.values, **_fallen(job, run)}.items() if own.takes(name)
    }
    count = job.request.count
    if chosen is not None:
        asked.pop("batch", None)
        count = 1
    seed = _seed_of(job, run)
    if seed is not None and own.takes("variation_seed") and own.takes("variation_strength"):
        mixed = {"seed": seed, "variation_seed": dice(DRAWN_SEED_MAXIMUM), "variation_strength": STRENGTH}
        return Variation(
            kind=OriginKind.VARIATION_SEED,
            workflow=own,
            values=asked | mixed,
            inputs=job.request.inputs,
            count=count,
        )
    if chosen is not None and (able := _of_pictures(job, own, library, may)) is not None:
        return _changed_a_little(job, run, asked, able, own, dice)
    if seed is None:
        raise UserError("This workflow makes the same thing every time, so there is nothing to vary.")
    another = (seed + 1 + dice(DRAWN_SEED_MAXIMUM)) % (DRAWN_SEED_MAXIMUM + 1)
    return Variation(
        kind=OriginKind.SEED,
        workflow=own,
        values=asked | {"seed": another},
        inputs=job.request.inputs,
        count=count,
    )


def _changed_a_little(
    job: Job, run: int, asked: Mapping[str, Value], able: Workflow, own: Workflow, dice: Dice
) -> Variation:
    """Return the variation that changes the picture itself; another workflow is told what this one had resolved."""
    picture = picture_parameter(able)
    little: dict[str, Value] = {"denoise": (LEAST + dice(MOST - LEAST + 1)) / 100}
    if (seed := _seed_of(job, run)) is not None:
        little["seed"] = seed
    if able is own:
        values = {name: value for name, value in asked.items() if name != picture}
        inputs = {name: ref for name, ref in job.request.inputs.items() if name != picture}
    else:
        words = {"prompt": job.request.words} if job.request.words else {}
        known = {**job.values, **_fallen(job, run)}
        values = _carried(
            able, {**words, **{name: value for name, value in known.items() if own.takes(name)}}
        )
        inputs = {}
    return Variation(
        kind=OriginKind.PICTURE,
        workflow=able,
        values={name: value for name, value in (values | little).items() if able.takes(name)},
        picture=picture,
        inputs=inputs,
    )


def _fallen(job: Job, run: int) -> Mapping[str, Value]:
    """Return what the texts of a run came to: choices, wildcards, LoRAs named in them."""
    return job.request.spoken[run] if run < len(job.request.spoken) else {}


def picture_parameter(workflow: Workflow) -> str | None:
    """Return the parameter a picture to go on from is given to; None where the workflow takes none."""
    takes = workflow.of_type(ParameterType.IMAGE)
    return next((each.name for each in takes if each.name == "image"), takes[0].name if takes else None)


def suits_a_picture(workflow: Workflow) -> bool:
    """Whether a picture, and perhaps words, are all the workflow needs."""
    name = picture_parameter(workflow)
    others = [each for each in workflow.parameters.values() if each.required and each.type.is_file]
    return workflow.enabled and name is not None and all(each.name == name for each in others)


def _of_pictures(
    job: Job, own: Workflow, library: Library, may: Callable[[Workflow], bool]
) -> Workflow | None:
    if own.kind is WorkflowKind.IMAGE_TO_IMAGE and _changes_pictures(own):
        return own
    usual = library.find("img2img")
    if usual is None or not _changes_pictures(usual) or not may(usual):
        return None
    model = job.values.get("model")
    same_model = model is None or (usual.takes("model") and _fits(usual.parameters["model"], model))
    # What has no seed, such as an upscaler, has no other way; its model paints nothing anyway.
    return usual if same_model or job.seed is None else None


def _changes_pictures(workflow: Workflow) -> bool:
    return suits_a_picture(workflow) and workflow.takes("denoise")


def _carried(workflow: Workflow, known: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: known[name]
        for name in CARRIED
        if name in known
        and workflow.takes(name)
        and (name == "lora" or _fits(workflow.parameters[name], known[name]))
    }


def _fits(parameter: Parameter, value: Value) -> bool:
    if parameter.choices:
        return any(choice.value == value for choice in parameter.choices)
    if parameter.type is ParameterType.MODEL:
        return False
    if parameter.type.is_numeric and isinstance(value, int | float):
        least, most = parameter.minimum, parameter.maximum
        return (least is None or value >= least) and (most is None or value <= most)
    return True


def _seed_of(job: Job, index: int) -> int | None:
    runs = (run.seed for run in reversed(job.runs) if run.index == index and run.seed is not None)
    return next(runs, job.seed)
