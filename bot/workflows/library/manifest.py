"""The optional TOML file beside a graph: what it may say, and every mistake in it with its line and remedy."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.workflows.graph.files import near_misses
from bot.workflows.model.parameter import ParameterType
from bot.workflows.model.problem import WorkflowProblem, fault
from bot.workflows.model.values import LocalText, Value

MAXIMUM_MANIFEST_BYTES = 256_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _local_text(value: Any) -> LocalText:
    if isinstance(value, LocalText):
        return value
    if isinstance(value, str):
        return LocalText({"en": value})
    if isinstance(value, dict):
        texts = cast(dict[object, object], value)
        if texts and all(
            isinstance(k, str) and _LANGUAGE.fullmatch(k) and isinstance(v, str) for k, v in texts.items()
        ):
            return LocalText({str(key): str(text) for key, text in texts.items()})
    raise ValueError('write a text, or one for each language: { en = "…", zh-CN = "…" }')


def _choices(value: Any) -> list[tuple[str, Value]]:
    if isinstance(value, dict):
        pairs = [(str(key), each) for key, each in cast(dict[object, object], value).items()]
    elif isinstance(value, list):
        pairs = [(str(each), each) for each in cast(list[object], value)]
    else:
        raise ValueError('write a list, or { "label" = "value", … }')
    if not pairs or not all(isinstance(each, str | int | float) for _, each in pairs):
        raise ValueError("every choice must be a text or a number, and there must be at least one")
    return cast(list[tuple[str, Value]], pairs)


Text = Annotated[LocalText, BeforeValidator(_local_text)]
Choices = Annotated[list[tuple[str, Any]], BeforeValidator(_choices)]
Number = int | float


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False)


class ManifestParameter(_Table):
    """What a manifest says of one parameter; what it does not say stays as discovered."""

    node: str | None = None
    nodes: list[tuple[str, str]] | None = None
    input: str | None = None
    type: ParameterType | None = None
    title: Text | None = None
    description: Text | None = None
    default: str | int | float | bool | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    step: Annotated[Number, Field(gt=0)] | None = None
    choices: Choices | None = None
    auto: list[str] | None = None
    hidden: bool | None = None
    fixed: str | int | float | bool | None = None
    required: bool | None = None
    multiline: bool | None = None
    group: str | None = None


class ManifestLimits(_Table):
    """Caps that differ from the bot's."""

    count: Annotated[int, Field(ge=1)] | None = None
    pixels: Annotated[int, Field(ge=4096)] | None = None
    steps: Annotated[int, Field(ge=1)] | None = None


class Manifest(_Table):
    """One workflow's manifest."""

    title: Text = LocalText()
    description: Text = LocalText()
    output: str | list[str] | None = None
    nsfw: bool = False
    command: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")] | None = None
    prompt_languages: list[str] = Field(default_factory=list[str])
    roles: list[int | str] = Field(default_factory=list[int | str])
    cost: Annotated[float, Field(ge=0)] | None = None
    timeout: Annotated[float, Field(gt=0)] | None = None
    limits: ManifestLimits = ManifestLimits()
    parameters: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")], ManifestParameter] = Field(
        default_factory=dict[str, ManifestParameter]
    )

    @property
    def outputs(self) -> tuple[str, ...]:
        """Titles or classes of the nodes to deliver; empty means all."""
        if self.output is None:
            return ()
        return (self.output,) if isinstance(self.output, str) else tuple(self.output)


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A manifest as read: what it says, and what is wrong with it. With problems, it says nothing."""

    file: str = ""
    text: str = ""
    manifest: Manifest = field(default_factory=Manifest)
    problems: tuple[WorkflowProblem, ...] = ()

    def line(self, *path: str) -> int:
        """Return the line where a key stands, or the nearest one above it; 1 where nothing is found."""
        return _line(self.text, path)


def read_manifest(data: bytes, file: str) -> ManifestFile:
    """Read a manifest's bytes; never raises, every mistake becomes a problem with file, line and remedy."""
    if len(data) > MAXIMUM_MANIFEST_BYTES:
        return ManifestFile(file, problems=(fault("{file} is too large for a manifest.", file=file),))
    try:
        text = data.decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError:
        return ManifestFile(
            file, problems=(fault("{file} is not text in UTF-8: save it as UTF-8.", file=file),)
        )
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        problem = fault(
            "{file} is not valid TOML: {reason}.", file=file, reason=str(error) or "nested too deeply"
        )
        return ManifestFile(file, problems=(problem,))
    try:
        return ManifestFile(file, text, Manifest.model_validate(raw))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems = {_problem(file, text, cast(dict[str, Any], each)) for each in details[:50]}
        return ManifestFile(file, text, problems=tuple(sorted(problems, key=lambda each: each.text)))


class _Problem(WorkflowProblem):
    """A problem that can be put into a set, so that one mistake is told once."""

    def __hash__(self) -> int:
        return hash(self.text)


def _problem(file: str, text: str, error: dict[str, Any]) -> WorkflowProblem:
    path = [str(each) for each in error["loc"] if isinstance(each, str) and each in text]
    where = ".".join(path) or "the file"
    arguments: dict[str, Any] = {"file": file, "line": _line(text, path), "where": where}
    if error["type"] == "extra_forbidden":
        known = _known_keys(path)
        near = near_misses(path[-1] if path else "", known, limit=1)
        problem = (
            fault("{file}, line {line}: unknown key {where}; did you mean {near}?", near=near[0], **arguments)
            if near
            else fault(
                "{file}, line {line}: unknown key {where}; there are: {known}.",
                known=", ".join(known),
                **arguments,
            )
        )
    else:
        reason = str(error["msg"]).removeprefix("Value error, ")
        problem = fault("{file}, line {line}: {where}: {reason}.", reason=reason, **arguments)
    return _Problem(problem.severity, problem.message, problem.arguments, problem.node)


def _known_keys(path: Sequence[str]) -> list[str]:
    if len(path) > 2 and path[0] == "parameters":
        return list(ManifestParameter.model_fields)
    if len(path) > 1 and path[0] == "limits":
        return list(ManifestLimits.model_fields)
    return list(Manifest.model_fields)


def _line(text: str, path: Sequence[str]) -> int:
    lines = text.splitlines()
    start, found = 0, 1
    for depth in range(len(path), 0, -1):
        header = re.compile(
            r"\s*\[\s*" + r"\s*\.\s*".join(f"[\"']?{re.escape(p)}[\"']?" for p in path[:depth]) + r"\s*\]"
        )
        at = next((number for number, line in enumerate(lines) if header.match(line)), None)
        if at is not None:
            start, found = at, at + 1
            path = path[depth:]
            break
    if path:
        key = re.compile(r"\s*[\"']?" + re.escape(path[0]) + r"[\"']?\s*[=.]")
        for number, line in enumerate(lines[start:], start=start):
            if key.match(line):
                return number + 1
    return found
