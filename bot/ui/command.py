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

    The words are Discord's English ones, which work in every language. Attached files cannot be told in words.
    """
    values = _told(job, workflow)
    parts = [f"/generate prompt:{_line(values.pop('prompt'))}" if "prompt" in values else "/generate"]
    parts.append(f"workflow:{job.request.workflow}")
    further: dict[str, Value] = {}
    for name in sorted(values, key=lambda each: OPTIONS.index(each) if each in OPTIONS else len(OPTIONS)):
        value = values[name]
        typed = name in OPTIONS and not (
            name == "seed" and isinstance(value, int) and value > DRAWN_SEED_MAXIMUM
        )
        if typed:
            parts.append(f"{name}:{_line(value)}")
        else:
            further[name] = value
    if job.request.count > 1:
        parts.append(f"count:{job.request.count}")
    if further:
        parts.append("extra:" + ", ".join(f"{name}={_line(value)}" for name, value in further.items()))
    return " ".join(parts)


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
