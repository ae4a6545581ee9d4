"""Reading a list as drawn, and whether Discord can show it."""

from collections.abc import Iterator
from typing import Any

import discord

from bot.i18n import language_for
from bot.jobs.model.request import JobId
from tests.ui.jobs import make_job

ENGLISH = language_for("en-US")
LONG = "長*い@here " * 60
GUILD = 8


def parts(view: discord.ui.LayoutView) -> list[dict[str, Any]]:
    def walk(components: Any) -> Iterator[dict[str, Any]]:
        for component in components:
            yield component
            yield from walk(component.get("components", []))
            if "accessory" in component:
                yield from walk([component["accessory"]])

    return list(walk(view.to_components()))


def text(view: discord.ui.LayoutView) -> str:
    return "\n".join(str(part["content"]) for part in parts(view) if "content" in part)


def ids(view: discord.ui.LayoutView) -> list[str]:
    return [str(part["custom_id"]) for part in parts(view) if "custom_id" in part]


def fits(view: discord.ui.LayoutView) -> bool:
    found = parts(view)
    texts = [str(part["content"]) for part in found if "content" in part]
    return (
        len(found) <= 40
        and all(texts)
        and sum(map(len, texts)) <= 4000
        and sum(len(each.encode()) + 12 for each in texts) <= 10_170
        and len(ids(view)) == len(set(ids(view)))
        and all(len(each) <= 100 for each in ids(view))
    )


def queued(number: int, **changes: Any) -> Any:
    return make_job(id=JobId(f"{number:032x}"), number=number, **changes)
