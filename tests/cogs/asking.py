"""Using `/generate` in tests."""

import io
from typing import Any

from PIL import Image

from tests.world import World


def picture(size: tuple[int, int] = (64, 64), colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


async def refused(world: World, **options: object) -> str:
    """Use the command where it must be refused; return the sentence, which only this person may see."""
    before = len(world.messages())
    message = await world.generate(**options)
    assert message is not None
    assert message.ephemeral
    assert len(world.messages()) == before + 1
    assert not world.app.jobs.active()
    return world.text(message)


async def forbid(world: World, word: str) -> None:
    """Forbid a word, as the operator's file does."""
    file = world.folder / "words.txt"
    file.write_text(f"{word}\n", "utf-8")
    policy: Any = world.app.policy
    policy._file = file
    await policy.open()
