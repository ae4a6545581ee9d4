"""Read the environment and `.env`, and report every mistake at once in the operator's words."""

import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import parse_stream
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.errors import ConfigError
from bot.settings.tree import Settings

ENVIRONMENT_PREFIXES = (
    "DISCORD_",
    "COMFYUI_",
    "DATA_",
    "DATABASE_",
    "WORKFLOWS_",
    "LIMITS_",
    "MODERATION_",
    "LOG_",
    "METRICS_",
    "RETENTION_",
)
NEAR_MISS_EDITS = 2
NEAR_MISS_RATIO = 85.0
ENVIRONMENT = "the environment"


@dataclass(frozen=True, slots=True)
class Variable:
    """One name an operator may set: where it goes in the tree, and what is expected of its value."""

    name: str
    path: tuple[str, ...]
    expected: str
    default: object


def _variables() -> Iterator[Variable]:
    for name, field in Settings.model_fields.items():
        if name == "warnings":
            continue
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            for part, inner in section.model_fields.items():
                yield _variable((name, inner.alias or part), inner)
        else:
            yield _variable((name,), field)


def _variable(path: tuple[str, ...], field: FieldInfo) -> Variable:
    return Variable("_".join(path).upper(), path, field.description or "", field.default)


VARIABLES: Mapping[str, Variable] = {variable.name: variable for variable in _variables()}


def load_settings(
    environ: Mapping[str, str] | None = None,
    env_file: Path | None = Path(".env"),
    *,
    require_token: bool = True,
) -> Settings:
    """Return the settings; raise one `ConfigError` that names every variable to fix, without its value.

    The environment wins over the file; empty values count as unset. Names that look like misspelt ones of
    ours, but may be somebody else's, come back in `Settings.warnings`.
    """
    environ = os.environ if environ is None else environ
    file_values, mistakes, warnings = _read_file(env_file)
    warnings += [
        f"{name} in {ENVIRONMENT} is unknown and ignored; did you mean {nearest}?"
        for name in environ
        if name not in VARIABLES and (nearest := _near_miss(name)) is not None
    ]
    given: dict[str, tuple[str, str]] = {}
    for source, found in ((str(env_file), file_values), (ENVIRONMENT, environ)):
        given |= {name: (found[name].strip(), source) for name in VARIABLES if found.get(name, "").strip()}
    if "METRICS_PORT" in given:
        warnings.append("METRICS_PORT is set, but this version serves no metrics yet")
    if require_token and "DISCORD_TOKEN" not in given:
        mistakes.append(f"DISCORD_TOKEN: is missing; expected {VARIABLES['DISCORD_TOKEN'].expected}")
    settings = _build({name: value for name, (value, _) in given.items()}, tuple(warnings))
    if isinstance(settings, ValidationError):
        mistakes += _explain(settings, {name: source for name, (_, source) in given.items()})
    if mistakes or isinstance(settings, ValidationError):
        raise ConfigError("Please fix these settings:\n" + "\n".join(f"  {line}" for line in mistakes))
    return settings


def _build(given: Mapping[str, str], warnings: tuple[str, ...]) -> Settings | ValidationError:
    tree: dict[str, object] = {}
    for name, value in given.items():
        match VARIABLES[name].path:
            case (section, part):
                branch = tree.setdefault(section, {})
                assert isinstance(branch, dict)
                branch[part] = value
            case path:
                tree[path[0]] = value
    try:
        return Settings.model_validate(tree | {"warnings": warnings})
    except ValidationError as error:
        return error


def _explain(error: ValidationError, sources: Mapping[str, str]) -> list[str]:
    """One line a variable, in the order of the tree, although a list may be wrong in several places."""
    lines: dict[str, str] = {}
    for detail in error.errors(include_input=False, include_url=False):
        variable = _variable_at(detail)
        own = str(detail.get("ctx", {}).get("error", "")) if detail["type"] == "value_error" else ""
        reason = f"{own}; expected" if own else "expected"
        line = f"{variable.name} (from {sources[variable.name]}): {reason} {variable.expected}"
        lines.setdefault(variable.name, line)
    return list(lines.values())


def _variable_at(detail: ErrorDetails) -> Variable:
    location = tuple(str(part) for part in detail["loc"])
    return next(
        variable for variable in VARIABLES.values() if location[: len(variable.path)] == variable.path
    )


def _read_file(env_file: Path | None) -> tuple[dict[str, str], list[str], list[str]]:
    """Return the file's names and values, its mistakes, and its warnings; a missing file holds nothing."""
    if env_file is None:
        return {}, [], []
    try:
        # Windows editors put a byte order mark in front, which would become part of the first name.
        text = env_file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}, [], []
    except UnicodeDecodeError:
        return {}, [f"{env_file}: is not plain text; save it as UTF-8"], []
    except OSError as error:
        return {}, [f"{env_file}: cannot be read ({error.strerror or type(error).__name__})"], []
    return _parse(text, env_file)


def _parse(text: str, env_file: Path) -> tuple[dict[str, str], list[str], list[str]]:
    found: dict[str, str] = {}
    mistakes: list[str] = []
    warnings: list[str] = []
    for binding in parse_stream(io.StringIO(text)):
        name = binding.key
        if binding.error or (name is not None and binding.value is None):
            mistakes.append(f"{env_file}, line {binding.original.line}: is not of the form NAME=value")
        elif name is None:
            continue
        elif name in VARIABLES:
            if name in found:
                warnings.append(f"{name} stands in {env_file} more than once; the last one counts")
            found[name] = binding.value or ""
        elif name.upper().startswith(ENVIRONMENT_PREFIXES):
            mistakes.append(f"{name} (from {env_file}): is unknown; did you mean {_nearest(name)}?")
        elif (near := _near_miss(name)) is not None:
            warnings.append(f"{name} in {env_file} is unknown and ignored; did you mean {near}?")
    return found, mistakes, warnings


def _nearest(name: str) -> str:
    return process.extractOne(name.upper(), VARIABLES.keys(), scorer=fuzz.ratio)[0]


def _near_miss(name: str) -> str | None:
    """Return the variable a name is surely meant to be, if any; a cousin such as DATABASE_USER is not."""
    nearest = _nearest(name)
    close = OSA.distance(name.upper(), nearest) <= NEAR_MISS_EDITS
    return nearest if close and fuzz.ratio(name.upper(), nearest) >= NEAR_MISS_RATIO else None
