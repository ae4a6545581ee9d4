"""Why a server refused a graph, in words a person can act on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.comfy import Problem, Rejected
from bot.errors import OptionName, UserError
from bot.jobs.messages.wording import listed, plain
from bot.jobs.model.failure import Failure, Reason
from bot.workflows.binding.accept import shown
from bot.workflows.graph.files import near_misses
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.model.workflow import Workflow

_INVALID_FILE = re.compile(r"Invalid \w+ file: *(.*)")

_ATTACHED = re.compile(r"[0-9a-f]{64}\.")
"""How we name what people attach."""

MISSING_NODES = frozenset({"missing_node_type", "invalid_prompt"})


@dataclass(frozen=True, slots=True)
class Places:
    """Which option of a workflow fills which input, and what its server offers there."""

    workflow: Workflow | None = None
    info: ObjectInfo | None = None

    def option(self, problem: Problem) -> OptionName | None:
        """Return the option a person may set to mend this; None when it is the workflow's own value."""
        if self.workflow is None:
            return None
        place = (problem.node_id, problem.input)
        for name, parameter in self.workflow.parameters.items():
            if place in parameter.targets and parameter.fixed is None:
                return OptionName(name)
        return None

    def offered(self, problem: Problem) -> tuple[str, ...]:
        """Return what the server has for this input, as it says itself or as it said before."""
        if problem.allowed or self.info is None or problem.input is None:
            return problem.allowed
        return self.info.choices(problem.class_type, problem.input) or ()


def of_rejection(rejected: Rejected, reference: str, places: Places | None = None) -> Failure:
    """Tell why the server refused a graph."""
    if rejected.problems:
        return of_problems(rejected.problems, reference, places)
    if rejected.status == 413:
        sentence = UserError("This is larger than the image server takes. Try a smaller attachment.")
    elif rejected.status in (401, 403):
        sentence = UserError("The image server does not let the bot in. Please tell whoever runs it.")
    else:
        sentence = UserError("The image server refused this workflow. Please tell whoever runs the bot.")
    return Failure.of(Reason.REJECTED, sentence, reference=reference)


def of_problems(problems: Sequence[Problem], reference: str, places: Places | None = None) -> Failure:
    """Tell the complaint that says most about what to do."""
    problem = min(problems, key=_usefulness)
    sentence = _sentence(problem, places or Places())
    return Failure.of(Reason.REJECTED, sentence, node=problem.title or None, reference=reference)


def for_the_log(problems: Sequence[Problem]) -> str:
    """Return the complaints for operators, without what people typed and without folders."""
    return "; ".join(
        f"node {each.node_id} ({each.class_type}) {each.input or ''} {each.type}: {plain(each.reason)}"
        for each in problems
    )


def _usefulness(problem: Problem) -> int:
    if problem.allowed or problem.minimum is not None or problem.maximum is not None:
        return 0
    return 1 if problem.input else 2


def _sentence(problem: Problem, places: Places) -> UserError:
    match problem.type:
        case "value_not_in_list":
            return _not_there(problem, places)
        case "value_smaller_than_min" | "value_bigger_than_max":
            return _out_of_range(problem, places)
        case "custom_validation_failed" if (file := _INVALID_FILE.search(problem.reason)) is not None:
            if places.workflow and places.option(problem) is None and not _ATTACHED.search(file[1]):
                return UserError(
                    "This workflow needs the file {file} on the image server, and it is not there. "
                    "Please tell whoever runs the bot.",
                    file=plain(file[1]),
                )
            return UserError(
                "The file you attached is no longer on the image server. Please attach it again and start anew."
            )
        case kind if kind in MISSING_NODES and problem.class_type:
            return UserError(
                "The image server lacks the node “{node}” that this workflow needs. "
                "Please choose another workflow, and tell whoever runs the bot.",
                node=problem.class_type,
            )
        case "required_input_missing":
            if (option := places.option(problem)) is not None:
                return UserError("This workflow needs {option}: please give it.", option=option)
            return UserError(
                "This workflow leaves “{input}” of “{node}” empty.",
                input=problem.input or "",
                node=problem.title,
            )
        case "prompt_no_outputs":
            return UserError("This workflow has no node that saves a result.")
        case _:
            return _in_its_own_words(problem)


def _not_there(problem: Problem, places: Places) -> UserError:
    received, offered = plain(str(problem.received)), places.offered(problem)
    near = near_misses(str(problem.received), offered)
    said: dict[str, Any] = {"received": received, "choices": listed((*near, *_others(offered, near)))}
    option = places.option(problem)
    if option is not None and near:
        return UserError(
            "The image server does not have “{received}” for {option}. Did you mean one of these? {near}",
            received=received, option=option, near=listed(near),
        )  # fmt: skip
    if option is not None and offered:
        return UserError(
            "The image server does not have “{received}” for {option}. It has: {choices}",
            option=option,
            **said,
        )
    if option is not None:
        return UserError(
            "The image server does not have “{received}” for {option}. Please choose another.",
            received=received, option=option,
        )  # fmt: skip
    place = {"input": problem.input or "", "node": problem.title}
    if offered:
        return UserError(
            "The image server does not have “{received}” for “{input}” of “{node}”. It has: {choices}",
            **said, **place,
        )  # fmt: skip
    return UserError(
        "The image server does not have “{received}” for “{input}” of “{node}”.", received=received, **place
    )


def _others(offered: Sequence[str], near: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in offered if each not in near)


def _out_of_range(problem: Problem, places: Places) -> UserError:
    low, high = problem.minimum, problem.maximum
    said: dict[str, Any] = {
        "received": plain(str(problem.received)), "minimum": shown(low), "maximum": shown(high),
        "input": problem.input or "", "node": problem.title,
    }  # fmt: skip
    option = places.option(problem)
    if option is not None:
        said["name"] = option
        if low is not None and high is not None:
            return UserError("{name} must be from {minimum} to {maximum}.", **said)
        if low is not None:
            return UserError("{name} must be at least {minimum}.", **said)
        if high is not None:
            return UserError("{name} can be at most {maximum}.", **said)
    if problem.type == "value_smaller_than_min" and low is not None:
        return UserError("“{input}” of “{node}” is {received}; it can be no smaller than {minimum}.", **said)
    if problem.type == "value_bigger_than_max" and high is not None:
        return UserError("“{input}” of “{node}” is {received}; it can be no larger than {maximum}.", **said)
    return _in_its_own_words(problem)


def _in_its_own_words(problem: Problem) -> UserError:
    reason = plain(problem.reason)
    if problem.title and reason:
        return UserError(
            "The image server refused “{node}” of this workflow: {reason}", node=problem.title, reason=reason
        )
    if reason:
        return UserError("The image server refused this workflow: {reason}", reason=reason)
    return UserError("The image server refused this workflow. Please tell whoever runs the bot.")
