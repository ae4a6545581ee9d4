"""The own commands of all workflows together: which of them Discord takes, and why not the others."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.i18n import LANGUAGES
from bot.workflows.commands.own_command import MOST_OPTIONS, own_command
from bot.workflows.model.options import OwnCommand
from bot.workflows.model.problem import WorkflowProblem, caution, remark
from bot.workflows.model.workflow import Workflow

BUILT_IN = frozenset({
    "cancel", "generate", "help", "history", "imagine", "models", "moderation", "nodes", "profile", "queue", "settings",
    "status", "upload", "workflows",
})  # fmt: skip
"""Commands of the bot itself, those that are to come included."""

REPLACEABLE = frozenset({"imagine"})
"""Commands of the bot itself that a workflow may have in their place."""

MOST_COMMANDS = 100
MOST_CHARACTERS = 8000


@dataclass(frozen=True, slots=True)
class OwnCommands:
    """What can be registered, and what is wrong with the rest."""

    commands: Mapping[str, OwnCommand] = field(default_factory=dict[str, OwnCommand])
    """By the workflow's name."""
    problems: Mapping[str, tuple[WorkflowProblem, ...]] = field(
        default_factory=dict[str, tuple[WorkflowProblem, ...]]
    )
    """By the workflow's name; none of them keeps the workflow itself from being used."""


def own_commands(workflows: Iterable[Workflow], known: Mapping[str, OwnCommand] | None = None) -> OwnCommands:
    """Return the commands that Discord takes; of two with the same name the first workflow's, in order of names.

    A workflow that is disabled keeps the command it is `known` by: its model may be back tomorrow, its file mended,
    and meanwhile the command answers what is the matter.
    """
    commands: dict[str, OwnCommand] = {}
    problems: dict[str, tuple[WorkflowProblem, ...]] = {}
    owners: dict[str, str] = {}
    for workflow in sorted(workflows, key=lambda each: each.name.casefold()):
        command = _kept(workflow, known or {}) or own_command(workflow)
        if command is None:
            continue
        problem = _refused(command, owners)
        if problem is not None:
            problems[workflow.name] = (problem,)
            continue
        owners[command.name] = workflow.name
        commands[workflow.name] = command
        if command.left:
            problems[workflow.name] = (_left(command),)
    return OwnCommands(_told_apart(commands), problems)


def _kept(workflow: Workflow, known: Mapping[str, OwnCommand]) -> OwnCommand | None:
    before = known.get(workflow.name)
    if before is None or workflow.enabled:
        return None
    unreadable = not workflow.graph or any(
        str(each.arguments.get("file", "")).endswith(".toml") for each in workflow.faults
    )
    return before if workflow.command == before.name or (workflow.command is None and unreadable) else None


def _refused(command: OwnCommand, owners: Mapping[str, str]) -> WorkflowProblem | None:
    if command.name in BUILT_IN - REPLACEABLE:
        return caution(
            "/{command} is a command of the bot itself, so the workflow gets none of its own: "
            "choose another name for command in the manifest.",
            command=command.name,
        )
    if command.name in owners:
        return caution(
            "/{command} belongs to the workflow {other} already, so this one gets no command of its own: "
            "choose another name for command in the manifest.",
            command=command.name,
            other=owners[command.name],
        )
    if len(owners) >= MOST_COMMANDS - len(BUILT_IN):
        return caution(
            "Discord takes {most} commands in all, so /{command} is left out: remove command from manifests "
            "that can do without.",
            most=MOST_COMMANDS,
            command=command.name,
        )
    if command.weight > MOST_CHARACTERS:
        return caution(
            "/{command} takes {count} of the {most} characters that Discord allows for names, descriptions and "
            "choices, so it is left out: shorten them, or hide parameters.",
            command=command.name,
            count=command.weight,
            most=MOST_CHARACTERS,
        )
    return None


def _left(command: OwnCommand) -> WorkflowProblem:
    return remark(
        "/{command} has more parameters than Discord's {most} options; these are given under extra: {names}.",
        command=command.name,
        most=MOST_OPTIONS,
        names=", ".join(command.left),
    )


def _told_apart(commands: Mapping[str, OwnCommand]) -> dict[str, OwnCommand]:
    """Drop translated names that another command has in any language: Discord wants them all different."""
    taken = set(BUILT_IN) | {command.name for command in commands.values()}
    for language in LANGUAGES.values():
        taken |= {found for name in BUILT_IN if (found := language.name(name, "command name"))}
    apart: dict[str, OwnCommand] = {}
    for workflow, command in commands.items():
        names = _free(command.names, taken)
        taken |= set(names.values())
        apart[workflow] = replace(command, names=names)
    return apart


def _free(names: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    return {code: name for code, name in names.items() if name not in taken}


def with_problems(workflow: Workflow, found: OwnCommands) -> Workflow:
    """Return the workflow with what is wrong with its command among its problems."""
    problems = found.problems.get(workflow.name, ())
    return replace(workflow, problems=(*workflow.problems, *problems)) if problems else workflow
