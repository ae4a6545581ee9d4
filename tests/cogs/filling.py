"""Reading and filling in forms as a person does: by what stands above each field."""

from typing import Any

from tests.world import World

Form = dict[str, dict[str, Any]]


def fields(shown: Any) -> Form:
    """Return the fields of the form that was opened, by their labels."""
    assert shown.modal is not None, "no form was opened"
    components: list[dict[str, Any]] = shown.modal["components"]
    assert len(components) <= 5
    return {each["label"]: each["component"] for each in components}


def filled(shown: Any) -> dict[str, Any]:
    """Return what the form holds when it opens."""
    return {label: _held(field) for label, field in fields(shown).items()}


def _held(field: dict[str, Any]) -> Any:
    if field["type"] == 3:
        return next((each["value"] for each in field["options"] if each.get("default")), "")
    return field.get("default", False) if field["type"] == 23 else field.get("value", "")


async def submit(who: Any, shown: Any, **changes: Any) -> Any:
    """Send the form with what it holds, and with changes by label (underscores for blanks)."""
    known, sent = fields(shown), {}
    changes = {label.replace("_", " "): value for label, value in changes.items()}
    assert changes.keys() <= known.keys(), (set(changes), set(known))
    for label, field in known.items():
        value = changes.get(label, None if field["type"] == 19 else _held(field))
        if value is not None and not (field["type"] == 3 and not value):
            sent[field["custom_id"]] = [value] if field["type"] == 3 else value
    result = await who.submit_modal(shown, sent)
    assert result.acknowledged, "Something went wrong"
    return result


async def opened(who: Any, message: Any, label: str) -> Any:
    """Press a button that opens a form."""
    shown = await who.click(message, label=label)
    assert shown.modal is not None, "no form was opened"
    return shown


async def restarted(world: World) -> None:
    """Crash and come back."""
    await world.crash()
    await world.come_back()
