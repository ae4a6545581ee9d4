"""What the tests of look-ups share: reading answers as a person does, in whichever language."""

from typing import Any

from simcord.components import walk_components

from bot.demo.comfyui import HttpFault
from bot.i18n import language_for
from cogs.history.filters import MENU
from tests.world import World

ENGLISH, CHINESE = language_for("en-US"), language_for("zh-CN")
LOCALES = ("en-US", "zh-CN")


async def ask(world: World, who: Any, command: str, **options: Any) -> str:
    """Use a command whose answer only this person may see; return what it says."""
    return world.text(await answer(world, who, command, **options))


async def answer(world: World, who: Any, command: str, **options: Any) -> Any:
    """Use a command whose answer only this person may see; return the message."""
    result = await who.slash(world.channel, command, **options)
    assert result.acknowledged, "The application did not respond"
    assert result.response is not None
    assert result.response.ephemeral
    assert len(result.followups) == 0
    check(world, result.response)
    return result.response


async def press(world: World, who: Any, message: Any, label: str) -> str:
    """Press a button by its label; return what the message says then."""
    result = await who.click(message, label=label)
    assert result.acknowledged, "This interaction failed"
    check(world, message)
    return world.text(message)


async def choose(world: World, who: Any, message: Any, value: str) -> str:
    """Choose something in the message's only menu; return what the message says then."""
    result = await who.select(message, [value], custom_id=menu(world, message)["custom_id"])
    assert result.acknowledged, "This interaction failed"
    check(world, message)
    return world.text(message)


def menu(world: World, message: Any) -> dict[str, Any]:
    """Return the message's only menu, but for one to filter by."""
    menus = [each for each in walk_components(world.stored(message).components) if each.get("type") == 3]
    (found,) = [each for each in menus if not each["custom_id"].startswith(MENU)]
    return found


def check(world: World, message: Any) -> None:
    """Check what Discord would refuse, or answer with an error of its own."""
    components = list(walk_components(world.stored(message).components))
    texts = [str(each["content"]) for each in components if "content" in each]
    assert len(components) <= 40
    assert sum(map(len, texts)) <= 4000
    assert sum(len(text.encode()) + 12 for text in texts) <= 10_000


def named(choices: list[dict[str, Any]]) -> list[str]:
    """Return what autocompletion shows."""
    return [choice["name"] for choice in choices]


class Trouble:
    """Makes the stand-in misbehave for the length of a block."""

    def __init__(self, world: World, path: str, action: str) -> None:
        self._faults = world.comfyui.faults.http
        self._fault = HttpFault(("*", path), action, times=None)

    def __enter__(self) -> None:
        self._faults.append(self._fault)

    def __exit__(self, *_: object) -> None:
        self._faults.remove(self._fault)
