"""What the page offers after a `/`: the commands a member may use here, in the language of the page."""

from typing import Any

from simcord.backend.state import Backend
from simcord.enums import AppCommandType
from simcord.interactions import command_leaves

_KEPT = (
    "type",
    "required",
    "autocomplete",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "channel_types",
)


def commands(backend: Backend, user_id: int, channel_id: int, locale: str) -> list[dict[str, Any]]:
    """Return one entry for each command or subcommand, required options first, as Discord lists them."""
    entries: list[dict[str, Any]] = []
    for command in backend.visible_commands(user_id=user_id, channel_id=channel_id):
        for path, leaf in command_leaves(command):
            declared: list[dict[str, Any]] = leaf.get("options") or []
            options = [_option(option, locale) for option in declared]
            options.sort(key=lambda option: not option.get("required"))
            entries.append(
                {
                    "path": " ".join(path),
                    "label": " ".join(_labels(command, path, locale)),
                    "description": _localised(leaf, "description", locale),
                    "options": options,
                }
            )
    return entries


def menus(backend: Backend, user_id: int, channel_id: int, locale: str) -> list[dict[str, Any]]:
    """Return the commands in the menu of a message, by their names."""
    found = backend.visible_commands(user_id=user_id, channel_id=channel_id, type=AppCommandType.MESSAGE)
    return [{"name": command["name"], "label": _localised(command, "name", locale)} for command in found]


def _labels(command: dict[str, Any], path: list[str], locale: str) -> list[str]:
    node, labels = command, [_localised(command, "name", locale)]
    for name in path[1:]:
        node = next(child for child in node["options"] if child["name"] == name)
        labels.append(_localised(node, "name", locale))
    return labels


def _option(option: dict[str, Any], locale: str) -> dict[str, Any]:
    shown = {key: option[key] for key in _KEPT if option.get(key) is not None}
    shown["name"] = option["name"]
    shown["label"] = _localised(option, "name", locale)
    shown["description"] = _localised(option, "description", locale)
    shown["choices"] = localised_choices(option.get("choices") or [], locale)
    return shown


def localised_choices(choices: list[dict[str, Any]], locale: str) -> list[dict[str, Any]]:
    """Return each choice's name in the locale, and its value."""
    return [{"name": _localised(choice, "name", locale), "value": choice["value"]} for choice in choices]


def _localised(node: dict[str, Any], key: str, locale: str) -> str:
    translations: dict[str, str] = node.get(f"{key}_localizations") or {}
    return translations.get(locale) or str(node.get(key) or "")
