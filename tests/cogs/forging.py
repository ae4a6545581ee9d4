"""Buttons and menus with ids and values that the bot never made, or that an older version made."""

from collections.abc import Sequence
from typing import Any

from simcord import actors

BUTTON, MENU = 2, 3


async def forge(
    who: Any, message: Any, custom_id: str, values: Sequence[str] | None = None, *, answered: bool = True
) -> Any:
    """Press a button with this id, or choose these values in a menu with it, as if the message had one."""
    stored = actors._visible_message(who, message)
    kind = BUTTON if values is None else MENU
    forged: dict[str, Any] = {"type": kind, "custom_id": custom_id, "id": 4711}
    forged |= (
        {"style": 2, "label": "?"}
        if values is None
        else {"options": [{"label": value[:100] or "?", "value": value} for value in values]}
    )
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": kind, "id": 4711}
    if values is not None:
        data["values"] = list(values)
    # discord.py looks for the component in the message that comes with the interaction.
    row = {"type": 1, "id": 4712, "components": [forged]}
    stored.components.append(row)
    try:
        result = await actors._component_interaction(who, stored, data)
    finally:
        if row in stored.components:
            stored.components.remove(row)
    assert result.acknowledged or not answered, "This interaction failed"
    return result
