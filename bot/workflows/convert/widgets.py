"""The values of a node's widgets: read from what was saved, by position as the frontend does, or by name."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, cast

from bot.workflows.convert.classes import COMBO, DYNAMIC, MISSING, Field, NodeClass
from bot.workflows.convert.document import Node, mapping

_CONTROLS = frozenset({"fixed", "increment", "decrement", "randomize", "increment-wrap"})

IDLE = frozenset({"control_after_generate", "control_filter_list"})
"""Widgets that say how another one changes after a run; they are no inputs."""


def widget_values(node: Node, class_: NodeClass) -> dict[str, Any]:
    """Return what each widget of a node holds, linked ones included; what was not saved is at its default."""
    values, named = node.values, node.named
    if isinstance(values, list) and (named is None or not _agree(named, values)):
        return _by_position(class_, values)
    if named is not None:
        return _by_name(class_, named) | (_extras(class_, named) if _written_by_hand(class_) else {})
    if isinstance(values, Mapping) and not class_.core:
        return _by_name(class_, values) | _extras(class_, values)
    return _by_name(class_, {})


def values_by_name(node: Node) -> dict[str, Any]:
    """Return the values that were saved with their names, for a node whose class nobody knows."""
    saved = node.named if node.named is not None else node.values
    return (
        {name: each for name, each in saved.items() if _is_extra(each)} if isinstance(saved, Mapping) else {}
    )


def has_unread(node: Node, class_: NodeClass) -> bool:
    """Tell whether settings were saved that only a script in the page can put where they belong.

    Packs keep rows of their own widgets as objects behind the values of the class; one that is switched off says so.
    """
    if not isinstance(node.values, list) or not any(isinstance(each, dict) for each in node.values):
        return False
    values = _without_forced(class_, node.values)
    _, taken = _read(class_, values, doubt=True)
    rows = (mapping(each) for each in values[taken:])
    return any(len(each) > 1 and each.get("on") is not False for each in rows)


def wrapped(value: object) -> object:
    """Return a value as the server takes it: a list would be read as a link, so it is put into an object."""
    return {"__value__": cast(object, value)} if isinstance(value, list) else value


def _written_by_hand(class_: NodeClass) -> bool:
    """Tell whether a class has a combo that offers nothing by itself: its page adds widgets for the choices."""
    own = (
        each
        for each in class_.widgets
        if each.type == COMBO and each.options.keys() <= {"options", "multiselect"}
    )
    return any(each.listed is None and each.offered == [] for each in own)


def _extras(class_: NodeClass, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the saved values of widgets that the class does not list: a script in the page adds its own."""
    known = {each.name for each in class_.fields}
    return {
        name: each
        for name, each in named.items()
        if name not in known and name not in IDLE and _is_extra(each)
    }


def _is_extra(value: object) -> bool:
    """Tell whether a value is plain, so not what a script keeps for its own display."""
    return isinstance(value, str | int | float)


def _agree(named: Mapping[str, Any], values: list[Any]) -> bool:
    """Tell whether the values by name are those by position; where they differ, the frontend takes the latter."""
    return all(mine == theirs for mine, theirs in zip(named.values(), values, strict=False))


def _by_name(class_: NodeClass, named: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = deque(class_.widgets)
    while waiting:
        field = waiting.popleft()
        value = named.get(field.name, field.default)
        if value is not MISSING and not field.shown_only:
            found[field.name] = value
        _unfold(field, value, waiting)
    return found


def _by_position(class_: NodeClass, saved: list[Any]) -> dict[str, Any]:
    values = _without_forced(class_, saved)
    found, taken = _read(class_, values, doubt=False)
    return found if taken <= len(values) else _read(class_, values, doubt=True)[0]


def _read(class_: NodeClass, values: list[Any], *, doubt: bool) -> tuple[dict[str, Any], int]:
    """Read values in their order, and tell how many that takes.

    With doubt, a value that says how another changes is taken for one only where it can be: very old files have
    none there, and so too few values in all.
    """
    found: dict[str, Any] = {}
    waiting, at = deque(class_.widgets), 0
    while waiting:
        field = waiting.popleft()
        value: object = values[at] if at < len(values) else field.default
        at += 1
        if value is not MISSING and not field.shown_only:
            found[field.name] = value
        if field.controls and (not doubt or _has_control(values, at)):
            at += field.controls
        _unfold(field, value, waiting)
    return found, at


def _unfold(field: Field, value: object, waiting: deque[Field]) -> None:
    """Put the inputs of a dynamic combo's option before what comes next."""
    if field.type == DYNAMIC:
        waiting.extendleft(each for each in reversed(field.inner(value)) if each.widget)


def _has_control(values: list[Any], at: int) -> bool:
    """Tell whether a control value follows: one of its words, or the truth value that older files have."""
    value = values[at] if at < len(values) else None
    return value is None or isinstance(value, bool) or (isinstance(value, str) and value in _CONTROLS)


def _without_forced(class_: NodeClass, values: list[Any]) -> list[Any]:
    """Leave out the values of inputs that were widgets once: there is one too many for each of them."""
    if not any(each.forced for each in class_.fields):
        return values
    marks = list(_marks(class_))
    if len(marks) != len(values):
        return values
    return [value for value, forced in zip(values, marks, strict=True) if not forced]


def _marks(class_: NodeClass) -> Iterator[bool]:
    for field in class_.fields:
        if field.forced or field.widget:
            yield field.forced
            yield from [False] * field.controls
