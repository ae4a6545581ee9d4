"""Check the workflows: each file by itself, then against what the servers have."""

import asyncio
from collections.abc import Sequence

from bot.check.findings import Finding, Level, error, fine, note, warning
from bot.settings import WorkflowSettings
from bot.workflows import ApprovalFile, Library, ObjectInfo, Severity, Workflow

LEVELS = {Severity.ERROR: Level.WARNING, Severity.WARNING: Level.WARNING, Severity.NOTE: Level.NOTE}
"""What a server lacks only switches a workflow off; the bot goes on without it."""


async def check_workflows(
    settings: WorkflowSettings, infos: Sequence[ObjectInfo], approvals: ApprovalFile | None = None
) -> list[Finding]:
    """Name every problem of every workflow; one that works on any of the servers is fine."""
    if not await asyncio.to_thread(settings.directory.is_dir):
        return [
            error(
                "WORKFLOWS_DIR",
                f"the folder {settings.directory} is not there",
                "Start in the folder of the project, or set WORKFLOWS_DIR.",
            )
        ]
    library = Library(settings.directory, settings.default, settings.allow_nodes, approvals)
    await library.load()
    alone = {workflow.name: workflow for workflow in library.all()}
    variants: dict[str, list[Workflow]] = {name: [] for name in alone}
    for info in infos:
        await library.refresh(info)
        for workflow in library.all():
            variants[workflow.name].append(workflow)
    findings = [each for name in alone for each in _one(alone[name], variants[name])]
    best = [_best(variants[name], alone[name]) for name in alone]
    return [*findings, *_default(settings, best, asked=bool(infos))]


def _one(alone: Workflow, variants: Sequence[Workflow]) -> list[Finding]:
    topic = f"workflow {alone.name}"
    if any(not each.lacking for each in alone.faults):
        return [
            Finding(
                topic,
                Level.ERROR if problem.severity is Severity.ERROR else LEVELS[problem.severity],
                problem.text,
            )
            for problem in alone.problems
        ]
    best = _best(variants, alone)
    told = [Finding(topic, LEVELS[problem.severity], problem.text) for problem in best.problems]
    if not best.enabled:
        return [*told, note(topic, "is switched off until then")]
    return [fine(topic, f"can be used ({best.kind})" if variants else "is well formed"), *told]


def _best(variants: Sequence[Workflow], alone: Workflow) -> Workflow:
    return min(variants, key=lambda each: len(each.needs), default=alone)


def _default(settings: WorkflowSettings, workflows: Sequence[Workflow], *, asked: bool) -> list[Finding]:
    topic = "WORKFLOWS_DEFAULT"
    enabled = [workflow.name for workflow in workflows if workflow.enabled]
    if not workflows:
        return [
            error("WORKFLOWS_DIR", f"the folder {settings.directory} holds no workflow", "Put one there.")
        ]
    if not enabled:
        return [error("WORKFLOWS_DIR", "no workflow can be used", "Do what is said above for one of them.")]
    found = [workflow for workflow in workflows if workflow.name.casefold() == settings.default.casefold()]
    if not found:
        names = ", ".join(enabled)
        return [error(topic, f"there is no workflow {settings.default}", f"Set it to one of: {names}.")]
    if not found[0].enabled:
        return [warning(topic, f"{settings.default} cannot be used; another one serves in its place")]
    return (
        []
        if asked
        else [note(topic, "no server told its node classes, so workflows were checked by themselves")]
    )
