"""Making one value fit its parameter, or refusing it in words that say what would fit."""

import math
import re
from collections.abc import Sequence

from bot.errors import OptionName, UserError
from bot.workflows.graph.files import match_file, near_misses
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.values import Value

_TRUE = frozenset({"true", "yes", "on", "1", "是", "开"})
_FALSE = frozenset({"false", "no", "off", "0", "否", "关"})
_WHOLE = re.compile(r"[+-]?\d{1,25}")
_SHOWN = 15


def accept(parameter: Parameter, value: object, offered: Sequence[str] | None) -> Value:
    """Return the value as the graph takes it; raises `UserError` naming the parameter and what is allowed."""
    match parameter.type:
        case ParameterType.INTEGER:
            return _in_range(parameter, _listed(parameter, _integer(parameter, value)))
        case ParameterType.NUMBER:
            return _in_range(parameter, _listed(parameter, _number(parameter, value)))
        case ParameterType.BOOLEAN:
            return _boolean(parameter, value)
        case ParameterType.TEXT:
            return _listed(parameter, _text(parameter, value))
        case ParameterType.CHOICE | ParameterType.MODEL:
            return _choice(parameter, _text(parameter, value), offered)
        case ParameterType.IMAGE | ParameterType.MASK | ParameterType.VIDEO | ParameterType.AUDIO:
            return _file(parameter, _text(parameter, value))


def shown(number: int | float | None) -> str:
    """Return a number as people write it: no `.0`, no exponent for whole numbers."""
    if number is None:
        return ""
    return str(int(number)) if float(number).is_integer() else f"{number:g}"


def _integer(parameter: Parameter, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    raise _not_a_number(parameter, whole=True)


def _number(parameter: Parameter, value: object) -> float:
    number: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) < 1e300 else None
    elif isinstance(value, str) and len(value) < 40:
        try:
            number = float(value.strip().replace(",", "."))
        except ValueError:
            number = None
    if number is None or not math.isfinite(number):
        raise _not_a_number(parameter, whole=False)
    return number


def _not_a_number(parameter: Parameter, *, whole: bool) -> UserError:
    bounded = parameter.minimum is not None and parameter.maximum is not None
    arguments = {
        "name": OptionName(parameter.name),
        "minimum": shown(parameter.minimum),
        "maximum": shown(parameter.maximum),
    }
    if whole and bounded:
        return UserError("{name} must be a whole number from {minimum} to {maximum}.", **arguments)
    if whole:
        return UserError("{name} must be a whole number.", name=OptionName(parameter.name))
    if bounded:
        return UserError("{name} must be a number from {minimum} to {maximum}.", **arguments)
    return UserError("{name} must be a number.", name=OptionName(parameter.name))


def _in_range(parameter: Parameter, value: Value) -> Value:
    if not isinstance(value, int | float):
        return value
    low, high = parameter.minimum, parameter.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return value
    if low is None:
        raise UserError(
            "{name} can be at most {maximum}.", name=OptionName(parameter.name), maximum=shown(high)
        )
    if high is None:
        raise UserError(
            "{name} must be at least {minimum}.", name=OptionName(parameter.name), minimum=shown(low)
        )
    raise UserError(
        "{name} must be from {minimum} to {maximum}.",
        name=OptionName(parameter.name),
        minimum=shown(low),
        maximum=shown(high),
    )


def _boolean(parameter: Parameter, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise UserError("{name} can be yes or no.", name=OptionName(parameter.name))


def _text(parameter: Parameter, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UserError("{name} must be a text.", name=OptionName(parameter.name))
    return value if isinstance(value, str) else shown(value)


def _listed(parameter: Parameter, value: Value) -> Value:
    """Return the value of the manifest's choice that was named, where the manifest lists choices."""
    if not parameter.choices:
        return value
    folded = str(value).strip().casefold()
    for choice in parameter.choices:
        labels = {str(label).casefold() for label in choice.label.texts.values()}
        if choice.value == value or folded in labels or folded == str(choice.value).casefold():
            return choice.value
    raise _not_offered(
        parameter, str(value), [str(choice.label) or str(choice.value) for choice in parameter.choices]
    )


def _choice(parameter: Parameter, value: str, offered: Sequence[str] | None) -> Value:
    if parameter.closed:
        return _listed(parameter, value)
    if offered is None:
        return value
    if parameter.type is ParameterType.MODEL:
        found = match_file(value, offered)
    else:
        folded = value.strip().casefold()
        found = (
            value if value in offered else next((each for each in offered if each.casefold() == folded), None)
        )
    if found is None:
        raise _not_offered(parameter, value, offered)
    return found


def _not_offered(parameter: Parameter, value: str, offered: Sequence[str]) -> UserError:
    short = value if len(value) <= 80 else value[:79] + "…"
    if not offered:
        return UserError(
            "{name} cannot be set: the server has no files for it.", name=OptionName(parameter.name)
        )
    if len(offered) <= _SHOWN:
        return UserError(
            "{name} cannot be {value}. It can be one of: {allowed}.",
            name=OptionName(parameter.name),
            value=short,
            allowed=", ".join(offered),
        )
    near = near_misses(value, offered)
    if near:
        return UserError(
            "{name} cannot be {value}. Similar: {near}. There are {count} to choose from.",
            name=OptionName(parameter.name),
            value=short,
            near=", ".join(near),
            count=len(offered),
        )
    return UserError(
        "{name} cannot be {value}. There are {count} to choose from, such as: {some}.",
        name=OptionName(parameter.name),
        value=short,
        count=len(offered),
        some=", ".join(offered[:3]),
    )


def _file(parameter: Parameter, value: str) -> str:
    parts = value.replace("\\", "/").split("/")
    usable = value.strip() and len(value) < 500 and ".." not in parts and parts[0] and value.isprintable()
    if not usable or ":" in parts[0]:
        raise UserError(
            "The file for {name} has a name that cannot be used.", name=OptionName(parameter.name)
        )
    return value
