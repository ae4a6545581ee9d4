"""What stands in a message of the simulated Discord."""

from typing import Any

from simcord.components import walk_components


def buttons(components: Any) -> list[str]:
    """Return the ids of the buttons in a message."""
    return [
        component["custom_id"]
        for component in walk_components(components)
        if component.get("type") == 2 and component.get("custom_id") and not component.get("disabled")
    ]


def controls(components: Any) -> list[str]:
    """Return the ids of the buttons and menus in a message."""
    menus = [part["custom_id"] for part in walk_components(components) if part.get("type") == 3]
    return [*buttons(components), *menus]


def words(message: Any) -> str:
    """Return all texts of a message."""
    parts = [message.content or ""]
    parts += [str(part["content"]) for part in walk_components(message.components) if part.get("content")]
    return "\n".join(parts)
