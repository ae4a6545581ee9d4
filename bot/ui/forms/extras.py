"""Settings typed as `name=value, name=value`: read into values of the types the workflow wants."""

import re
from collections.abc import Mapping

from bot.errors import OptionName, UserError
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.values import Value
from bot.workflows.model.workflow import Workflow

LONGEST = 6000
"""Characters that are read; Discord takes no longer ones."""

_GAP = re.compile(r"(?<![\s,;])[\s,;]++(?=[\w-]++\s*+[=:])")
_PAIR = re.compile(r"([\w-]++)\s*+([=:])\s*+(.*)", re.DOTALL)
_BREAK = frozenset(",;\n")
_YES = frozenset({"true", "yes", "on", "1", "是", "开"})
_NO = frozenset({"false", "no", "off", "0", "否", "关"})
_ELSEWHERE = re.compile(r"\[\w+\]$")
"""What ComfyUI reads as another folder behind a name: `x.png [output]`."""


def parse_extra(text: str) -> dict[str, str]:
    """Split a text into names and values; raises `UserError` for a part that is neither, and for a text too long."""
    if len(text) > LONGEST:
        raise UserError("These settings are too long. Please give {n} characters at most.", n=LONGEST)
    found: dict[str, str] = {}
    last = ""
    for part in _parts(text):
        match = _PAIR.fullmatch(part)
        if match is None:
            raise UserError(
                "I cannot read “{part}”. Write other settings as name=value, separated by commas.",
                part=part[:60],
            ).about("extra")
        if match[2] == ":" and last == "lora":
            found[last] += f", {part}"
            continue
        last = match[1].lower()
        found[last] = match[3].strip()
    return found


def _parts(text: str) -> list[str]:
    """Return what stands between the commas, semicolons and line ends that a name and its sign follow."""
    text = text.strip().strip(",;\n ")
    parts: list[str] = []
    at = 0
    for gap in _GAP.finditer(text):
        if not _BREAK.isdisjoint(gap.group()):
            parts.append(text[at : gap.start()])
            at = gap.end()
    parts.append(text[at:])
    return [part for each in parts if (part := each.strip())]


def upload_folder(guild_id: int | None) -> str:
    """Return the folder of the image server that holds what was uploaded from this Discord server."""
    return f"discord-{guild_id}"


def typed(workflow: Workflow, texts: Mapping[str, str], *, guild_id: int | None) -> dict[str, Value]:
    """Turn texts into the types of the workflow's parameters; what it does not take is left for `bind` to refuse.

    A file can be named only where it was uploaded from this Discord server: what lies elsewhere on the image server
    are other people's pictures.
    """
    values: dict[str, Value] = {}
    for name, text in texts.items():
        parameter = workflow.parameters.get(name)
        values[name] = text if parameter is None else _typed(parameter, text, guild_id)
    return values


def _typed(parameter: Parameter, text: str, guild_id: int | None) -> Value:
    if parameter.type.is_file:
        return _uploaded(parameter, text, guild_id)
    match parameter.type:
        case ParameterType.INTEGER:
            return _number(parameter.name, text, whole=True)
        case ParameterType.NUMBER:
            return _number(parameter.name, text, whole=False)
        case ParameterType.BOOLEAN:
            if text.lower() in _YES | _NO:
                return text.lower() in _YES
            raise UserError(
                "“{name}” is either yes or no, not “{value}”.",
                name=OptionName(parameter.name),
                value=text[:40],
            )
        case _:
            return text


def _uploaded(parameter: Parameter, text: str, guild_id: int | None) -> str:
    folder = upload_folder(guild_id)
    name = text.strip().removeprefix(f"{folder}/")
    plain = name and not name.startswith(".") and not re.search(r"[/\\:]", name) and name.isprintable()
    if guild_id is None or not plain or _ELSEWHERE.search(name):
        raise UserError(
            "For “{name}” please attach a file, or give a name that /upload has answered with in this server.",
            name=OptionName(parameter.name),
        )
    return f"{folder}/{name}"


def _number(option: str, text: str, *, whole: bool) -> int | float:
    name = OptionName(option)
    try:
        return int(text) if whole else float(text)
    except ValueError:
        pass
    if whole:
        raise UserError("“{name}” has to be a whole number, not “{value}”.", name=name, value=text[:40])
    raise UserError("“{name}” has to be a number, not “{value}”.", name=name, value=text[:40])


def written(values: Mapping[str, Value]) -> str:
    """Write values so that `parse_extra` reads them again, one a line."""
    return "\n".join(f"{name}={text_of(value)}" for name, value in values.items())


def text_of(value: Value) -> str:
    """Write a value so that it is read as the same one again."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
