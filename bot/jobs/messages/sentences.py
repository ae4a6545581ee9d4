"""Why a job failed on its server, in words a person can act on."""

import re
from collections.abc import Collection
from typing import Any

from bot.comfy import ExecutionError
from bot.errors import UserError
from bot.jobs.messages.wording import plain
from bot.jobs.model.failure import Failure, Reason
from bot.workflows.graph.graph import AnyGraph, node_title

LENGTHS = frozenset({"length", "seconds", "fps"})
"""Options that say how much of a film or sound there is to be."""

SIZES = frozenset({"width", "height", "aspect", "megapixels"})
"""Options that say how large a picture is to be."""

PICTURE = "picture"
"""Stands among what can be lowered for a picture that was given."""

_MODEL_GONE = re.compile(r"Model in folder '[^']*' with filename '([^']*)' not found")


def title_of(graph: AnyGraph, node_id: str, fallback: str = "") -> str:
    """Return what to call a node; a node made at run time (`5.0.0.1`) is called after the one that made it."""
    key = node_id if node_id in graph else node_id.split(".")[0]
    return node_title(graph, key) if key in graph else fallback or node_id


def of_execution(
    error: ExecutionError | None, graph: AnyGraph, reference: str, *, asked: Collection[str] = ()
) -> Failure:
    """Tell why a node failed, without any path of the server in it.

    `asked` are the options the job has, `batch` where it makes several pictures at once, and `PICTURE` where one was
    given: what can be lowered.
    """
    if error is None:
        sentence = UserError("The image server could not finish this. Please try again.")
        return Failure.of(Reason.WORKFLOW, sentence, reference=reference)
    title = title_of(graph, error.node_id, error.node_type)
    if error.out_of_memory:
        return Failure.of(Reason.OUT_OF_MEMORY, _out_of_memory(title, asked), node=title, reference=reference)
    sentence = _known(error, title)
    if sentence is None:
        reason = plain(error.message)
        sentence = (
            UserError("The workflow failed at “{node}”: {reason}", node=title, reason=reason)
            if reason
            else UserError("The workflow failed at “{node}”.", node=title)
        )
    return Failure.of(Reason.WORKFLOW, sentence, node=title, reference=reference)


def _out_of_memory(title: str, asked: Collection[str]) -> UserError:
    """Return what to lower; nothing that this job has not is ever suggested."""
    asked = set(asked)
    sized, lasting, several = bool(SIZES & asked), bool(LENGTHS & asked), "batch" in asked
    if sized and lasting:
        return UserError(
            "The image server ran out of memory at “{node}”. Try a smaller size or a shorter length.",
            node=title,
        )
    if lasting:
        return UserError("The image server ran out of memory at “{node}”. Try a shorter length.", node=title)
    if sized and several:
        return UserError(
            "The image server ran out of memory at “{node}”. Try a smaller size or fewer pictures at once.",
            node=title,
        )
    if several:
        return UserError(
            "The image server ran out of memory at “{node}”. Try fewer pictures at once.", node=title
        )
    if sized:
        return UserError("The image server ran out of memory at “{node}”. Try a smaller size.", node=title)
    if PICTURE in asked:
        return UserError("The image server ran out of memory at “{node}”. Try a smaller picture.", node=title)
    return UserError("The image server ran out of memory at “{node}”. Please try again later.", node=title)


def _known(error: ExecutionError, title: str) -> UserError | None:
    """Return what to do about failures that every ComfyUI knows."""
    kind, message = error.type.rpartition(".")[2], error.message
    said: dict[str, Any] = {"node": title}
    if (gone := _MODEL_GONE.search(message)) is not None:
        return UserError(
            "The image server no longer has the model file {file}. Please choose another model.",
            file=plain(gone[1]),
        )
    if "No space left on device" in message or "Errno 28" in message:
        return UserError("The disk of the image server is full. Please tell whoever runs it.")
    if kind == "UnidentifiedImageError":
        return UserError(
            "The image server cannot read the picture you attached. Please attach it again as PNG or JPEG."
        )
    if kind == "SafetensorError" or "HeaderTooLarge" in message or "incomplete metadata" in message:
        return UserError(
            "A model file that “{node}” loads is damaged on the image server. "
            "Please choose another model, and tell whoever runs the bot.",
            **said,
        )
    if "shapes cannot be multiplied" in message or "size mismatch" in message:
        return UserError(
            "The model files of this workflow do not fit together, it failed at “{node}”. Please choose another model.",
            **said,
        )
    return None


def not_taken(reference: str) -> Failure:
    """Tell that the server did not take a graph, however often it was sent."""
    sentence = UserError("The image server did not take this. Please try again in a few minutes.")
    return Failure.of(Reason.SERVER, sentence, reference=reference)


def unknown_by_now(reference: str) -> Failure:
    """Tell that no server knows a run that may have started."""
    sentence = UserError(
        "The image server no longer knows this job; it was probably restarted. You can run it again."
    )
    return Failure.of(Reason.LOST, sentence, reference=reference)


def fell_silent(reference: str) -> Failure:
    """Tell that a server has given no answer for too long."""
    sentence = UserError("The image server stopped answering, so this was given up. Please try again later.")
    return Failure.of(Reason.LOST, sentence, reference=reference)


def keeps_failing(reference: str) -> Failure:
    """Tell that the server is there, but of no use."""
    sentence = UserError("The image server keeps answering with errors. Please try again later.")
    return Failure.of(Reason.SERVER, sentence, reference=reference)


def our_mistake(reference: str) -> Failure:
    """Tell that the bot itself failed."""
    sentence = UserError("Something went wrong on our side. Please try again.")
    return Failure.of(Reason.INTERNAL, sentence, reference=reference)
