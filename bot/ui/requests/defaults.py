"""A person's own defaults of a workflow: read from what they wrote, told back to them, put into their requests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.model.request import Request
from bot.ui.cards.words import quoted
from bot.users.profile import Defaults
from bot.workflows.binding.accept import accept
from bot.workflows.binding.size import aspect_ratio
from bot.workflows.graph.files import offered_files
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.model.parameter import ParameterType
from bot.workflows.model.values import Value
from bot.workflows.model.workflow import ASPECT, Workflow

MODEL, NEGATIVE, WIDTH, HEIGHT = "model", "negative_prompt", "width", "height"
SHAPE = frozenset({ASPECT, WIDTH, HEIGHT, "megapixels"})
_SIZE = re.compile(r"(\d{2,5})\s*[x×*✕]\s*(\d{2,5})", re.IGNORECASE)
SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What somebody wrote into the form; empty means: as the workflow has it."""

    model: str = ""
    size: str = ""
    negative_prompt: str = ""
    private: bool = False


def offered_models(workflow: Workflow, info: ObjectInfo | None) -> tuple[str, ...]:
    """Return the models to choose from; empty where nobody knows them, or there is nothing to choose."""
    parameter = workflow.parameters.get(MODEL)
    if parameter is None or not workflow.takes(MODEL):
        return ()
    if parameter.closed:
        return tuple(str(choice.value) for choice in parameter.choices)
    return offered_files(parameter, workflow, info) or ()


def sizable(workflow: Workflow) -> bool:
    """Whether the workflow lets the size be chosen."""
    return workflow.takes(WIDTH) and workflow.takes(HEIGHT)


def read_defaults(workflow: Workflow, written: Written, info: ObjectInfo | None, *, pixels: int) -> Defaults:
    """Return what was written as values the workflow takes; raises `UserError` that says what it does take."""
    values: dict[str, Value] = {}
    if (model := written.model.strip()) and workflow.takes(MODEL):
        values[MODEL] = _model(workflow, model, info)
    if (size := written.size.strip()) and sizable(workflow):
        values |= _size(workflow, size, workflow.limits.pixels or pixels)
    if (negative := written.negative_prompt.strip()) and workflow.takes(NEGATIVE):
        values[NEGATIVE] = negative
    return Defaults(values, written.private)


def written_size(values: Mapping[str, Value]) -> str:
    """Return the size among values as `read_defaults` reads it."""
    if ASPECT in values:
        return str(values[ASPECT])
    return f"{values[WIDTH]}×{values[HEIGHT]}" if WIDTH in values and HEIGHT in values else ""


def told_defaults(defaults: Defaults, lang: Language) -> str:
    """Return them in one line."""
    parts: list[str] = []
    if model := defaults.values.get(MODEL):
        parts.append(quoted(str(model), limit=SHOWN, encoded=2 * SHOWN))
    if size := written_size(defaults.values):
        parts.append(size)
    if negative := defaults.values.get(NEGATIVE):
        parts.append(lang.t("without: {words}", words=quoted(str(negative), limit=SHOWN, encoded=3 * SHOWN)))
    if defaults.private:
        parts.append(lang.t("🔒 private"))
    return " · ".join(parts)


def filled_in(
    request: Request, defaults: Defaults, workflow: Workflow, info: ObjectInfo | None
) -> tuple[Request, tuple[str, ...]]:
    """Return the request with the defaults for what was not said, and the names of those that suit no more."""
    said = set(request.values)
    if said & SHAPE:
        said |= SHAPE
    wanted = {name: value for name, value in defaults.values.items() if name not in said}
    taken = {name: value for name, value in wanted.items() if _suits(workflow, name, value, info)}
    request = replace(request, values={**taken, **request.values})
    return request, tuple(name for name in wanted if name not in taken)


def _suits(workflow: Workflow, name: str, value: Value, info: ObjectInfo | None) -> bool:
    if not workflow.takes(name):
        return False
    if name != MODEL:
        return True
    try:
        _model(workflow, str(value), info)
    except UserError:
        return False
    return True


def _model(workflow: Workflow, model: str, info: ObjectInfo | None) -> Value:
    parameter = workflow.parameters[MODEL]
    known = parameter.type in {ParameterType.MODEL, ParameterType.CHOICE} and not parameter.closed
    return accept(parameter, model, offered_files(parameter, workflow, info) if known else None)


def _size(workflow: Workflow, size: str, pixels: int) -> dict[str, Value]:
    match = _SIZE.fullmatch(size)
    if match is None:
        try:
            aspect_ratio(size)
        except UserError:
            raise UserError("Please write the size as 832×1216, or its shape as 2:3.") from None
        return {ASPECT: size.replace(" ", "").replace("：", ":").replace("x", ":")}
    width, height = int(match[1]), int(match[2])
    if width * height > pixels:
        raise UserError("{width}×{height} is more than can be made here.", width=width, height=height)
    return {
        name: accept(workflow.parameters[name], side, None)
        for name, side in ((WIDTH, width), (HEIGHT, height))
    }
