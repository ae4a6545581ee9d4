"""What servers complain about, in words a person can act on."""

import re
from collections.abc import Sequence

from bot.comfy import ExecutionError, Problem, Rejected
from bot.errors import UserError
from bot.jobs.failure import Failure, Reason
from bot.workflows.graph import AnyGraph, node_title

SHOWN_CHOICES = 5
"""How many allowed values a sentence lists."""

LONGEST_REASON = 200

_PATH = re.compile(r"(?<![\w.\\/])(?:[A-Za-z]:)?[\\/]+(?:[^\s\\/'\"<>|:]+[\\/]+)*")


def title_of(graph: AnyGraph, node_id: str, fallback: str = "") -> str:
    """Return what to call a node; a node made at run time (`5.0.0.1`) is called after the one that made it."""
    key = node_id if node_id in graph else node_id.split(".")[0]
    return node_title(graph, key) if key in graph else fallback or node_id


def of_execution(error: ExecutionError | None, graph: AnyGraph, reference: str) -> Failure:
    """Tell why a node failed; without any path of the server in it."""
    if error is None:
        sentence = UserError("The image server could not finish this. Please try again.")
        return Failure.of(Reason.WORKFLOW, sentence, reference=reference)
    title = title_of(graph, error.node_id, error.node_type)
    if error.out_of_memory:
        sentence = UserError(
            "The image server ran out of memory at “{node}”. Try a smaller size, fewer steps or fewer pictures.",
            node=title,
        )
        return Failure.of(Reason.OUT_OF_MEMORY, sentence, node=title, reference=reference)
    reason = plain(error.message)
    sentence = (
        UserError("The workflow failed at “{node}”: {reason}", node=title, reason=reason)
        if reason
        else UserError("The workflow failed at “{node}”.", node=title)
    )
    return Failure.of(Reason.WORKFLOW, sentence, node=title, reference=reference)


def of_rejection(rejected: Rejected, reference: str) -> Failure:
    """Tell why the server refused a graph."""
    if rejected.problems:
        return of_problems(rejected.problems, reference)
    if rejected.status == 413:
        sentence = UserError("This is larger than the image server takes. Try a smaller attachment.")
    elif rejected.status in (401, 403):
        sentence = UserError("The image server does not let the bot in. Please tell whoever runs it.")
    else:
        sentence = UserError("The image server refused this workflow. Please tell whoever runs the bot.")
    return Failure.of(Reason.REJECTED, sentence, reference=reference)


def of_problems(problems: Sequence[Problem], reference: str) -> Failure:
    """Tell the complaint that says most about what to do."""
    problem = min(problems, key=_usefulness)
    return Failure.of(Reason.REJECTED, _sentence(problem), node=problem.title or None, reference=reference)


def not_taken(reference: str) -> Failure:
    """Tell that the server did not take a graph, however often it was sent."""
    sentence = UserError("The image server did not take this. Please try again in a few minutes.")
    return Failure.of(Reason.SERVER, sentence, reference=reference)


def keeps_failing(reference: str) -> Failure:
    """Tell that the server is there, but of no use."""
    sentence = UserError("The image server keeps answering with errors. Please try again later.")
    return Failure.of(Reason.SERVER, sentence, reference=reference)


def our_mistake(reference: str) -> Failure:
    """Tell that the bot itself failed."""
    sentence = UserError("Something went wrong on our side. Please try again.")
    return Failure.of(Reason.INTERNAL, sentence, reference=reference)


def plain(text: str) -> str:
    """Return a server's own words without folders, on one short line."""
    words = " ".join(_PATH.sub("", text).split())
    return words if len(words) <= LONGEST_REASON else words[: LONGEST_REASON - 1] + "…"


def _usefulness(problem: Problem) -> int:
    if problem.allowed or problem.minimum is not None or problem.maximum is not None:
        return 0
    return 1 if problem.input else 2


def _sentence(problem: Problem) -> UserError:
    node, name, received = problem.title, problem.input or "", plain(str(problem.received))
    match problem.type:
        case "value_not_in_list" if problem.allowed:
            return UserError(
                "The image server does not have “{received}” for “{input}” of “{node}”. It has: {choices}",
                received=received,
                input=name,
                node=node,
                choices=_listed(problem.allowed),
            )
        case "value_not_in_list":
            return UserError(
                "The image server does not have “{received}” for “{input}” of “{node}”.",
                received=received,
                input=name,
                node=node,
            )
        case "value_smaller_than_min" if problem.minimum is not None:
            return UserError(
                "“{input}” of “{node}” is {received}; it can be no smaller than {minimum}.",
                input=name,
                node=node,
                received=received,
                minimum=problem.minimum,
            )
        case "value_bigger_than_max" if problem.maximum is not None:
            return UserError(
                "“{input}” of “{node}” is {received}; it can be no larger than {maximum}.",
                input=name,
                node=node,
                received=received,
                maximum=problem.maximum,
            )
        case "missing_node_type":
            return UserError("The image server lacks the node “{node}” that this workflow needs.", node=node)
        case "required_input_missing":
            return UserError("This workflow leaves “{input}” of “{node}” empty.", input=name, node=node)
        case "prompt_no_outputs":
            return UserError("This workflow has no node that saves a result.")
        case _:
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


def _listed(choices: Sequence[str]) -> str:
    shown = ", ".join(plain(choice) for choice in choices[:SHOWN_CHOICES])
    return f"{shown}, …" if len(choices) > SHOWN_CHOICES else shown
