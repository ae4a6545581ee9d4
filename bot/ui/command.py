"""A job as the command that makes it again, to copy."""

from collections.abc import Mapping

from bot.jobs.job import Job
from bot.jobs.request import Value
from bot.workflows.values import DRAWN_SEED_MAXIMUM
from bot.workflows.workflow import Workflow

OPTIONS = (
    "prompt", "negative_prompt", "model", "lora", "seed", "steps", "cfg", "sampler", "scheduler", "denoise", "width",
    "height",
)  # fmt: skip
"""What /generate has an option of its own for; everything else goes under `extra`."""


def command_of(job: Job, workflow: Workflow | None) -> str:
    """Return `/generate …` with everything that was resolved, so that it stays the same when defaults change.

    Attached files cannot be told in words.
    """
    return command_line(_told(job, workflow), workflow=job.request.workflow, count=job.request.count)


def command_line(values: Mapping[str, Value], *, workflow: str | None = None, count: int = 1) -> str:
    """Return the command with these values; the words are Discord's English ones, which work in every language."""
    parts = ["/generate"]
    if "prompt" in values:
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
    """Whether the value can be said with an option of its own; seeds beyond what Discord can type cannot."""
    value = values.get(name)
    too_large = name == "seed" and isinstance(value, int) and value > DRAWN_SEED_MAXIMUM
    return name in OPTIONS and name in values and not too_large


def _told(job: Job, workflow: Workflow | None) -> dict[str, Value]:
    """Return what has to be said: what was chosen, and what the workflow chose that somebody else could."""
    values: Mapping[str, Value] = {**job.request.values, **job.values}
    return {
        name: value
        for name, value in values.items()
        if value != ""
        and name not in job.request.inputs
        and not (name == "aspect" and "width" in job.values)
        and not (name == "batch" and job.request.count > 1)
        and (name in job.request.values or workflow is None or _is_offered(workflow, name))
    }


def _is_offered(workflow: Workflow, name: str) -> bool:
    parameter = workflow.parameters.get(name)
    return (
        parameter is not None
        and not parameter.hidden
        and parameter.fixed is None
        and not parameter.type.is_file
    )


def _line(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())
