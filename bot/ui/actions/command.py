"""A job as the command that makes it again, to copy."""

from collections.abc import Mapping

from bot.jobs.model.job import Job
from bot.jobs.model.request import Value
from bot.ui.forms.extras import text_of
from bot.ui.requests.defaults import SHAPE
from bot.users.profile import Defaults
from bot.workflows.binding.size import ASPECTS
from bot.workflows.model.values import DRAWN_SEED_MAXIMUM
from bot.workflows.model.workflow import Workflow

OPTIONS = (
    "prompt", "aspect", "negative_prompt", "model", "lora", "seed", "steps", "cfg", "sampler", "scheduler", "denoise",
    "width", "height",
)  # fmt: skip
"""What /generate has an option of its own for; everything else goes under `extra`."""
RANGES = {
    "seed": (0, DRAWN_SEED_MAXIMUM),
    "steps": (1, 10_000),
    "cfg": (0.0, 100.0),
    "denoise": (0.0, 1.0),
    "width": (16, 16_384),
    "height": (16, 16_384),
}
"""What Discord lets people type into those that are numbers."""
NO_DEFAULTS = Defaults()


def command_of(job: Job, workflow: Workflow | None, defaults: Defaults = NO_DEFAULTS) -> str:
    """Return `/generate …` with what was asked for, and the seed that was used.

    `defaults` are those of the person who may use it: what they would put in is said as it was. Attached files cannot
    be told in words. Priority is asked for anew each time.
    """
    request = job.request
    asked: dict[str, Value] = {**request.values, **_in_place_of(defaults, job)}
    if job.seed is not None and (workflow is None or workflow.takes("seed")):
        asked.setdefault("seed", job.seed)
    told = {name: value for name, value in asked.items() if name not in request.inputs}
    line = command_line(told, workflow=request.workflow, count=request.count)
    return f"{line} private:{request.private}" if request.private or defaults.private else line


def _in_place_of(defaults: Defaults, job: Job) -> dict[str, Value]:
    """Return what a job used where a person's defaults have something else."""
    names = set(defaults.values)
    if names & SHAPE:
        names |= SHAPE
    said = set(job.request.values)
    if said & SHAPE:
        said |= SHAPE
    return {name: value for name, value in job.values.items() if name in names - said}


def command_line(values: Mapping[str, Value], *, workflow: str | None = None, count: int = 1) -> str:
    """Return the command with these values; the words are Discord's English ones, which work in every language."""
    parts = ["/generate"]
    if "prompt" in values and values["prompt"] != "":
        parts.append(f"prompt:{_line(values['prompt'])}")
    if workflow is not None:
        parts.append(f"workflow:{workflow}")
    parts += [f"{name}:{_line(values[name])}" for name in OPTIONS[1:] if _is_option(name, values)]
    if count > 1:
        parts.append(f"count:{count}")
    further = [name for name in values if name != "prompt" and not _is_option(name, values)]
    if further:
        parts.append("extra:" + ", ".join(f"{name}={_line(values[name])}" for name in further))
    return " ".join(parts)


def _is_option(name: str, values: Mapping[str, Value]) -> bool:
    """Whether the value can be said with an option of its own: Discord takes no empty text and has ranges."""
    value = values.get(name)
    if name not in OPTIONS or value is None or value == "":
        return False
    if name == "aspect":
        return value in ASPECTS
    if name not in RANGES:
        return True
    low, high = RANGES[name]
    try:
        return low <= float(value) <= high
    except ValueError:
        return False


def _line(value: Value) -> str:
    return " ".join(text_of(value).split())
