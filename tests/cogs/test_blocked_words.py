"""Blocked words, as members meet them."""

from pathlib import Path

import pytest

from bot.settings import ModerationSettings, Settings
from tests.cogs.pressing import press
from tests.world import World


class Worded(World):
    """A world whose operator blocks words."""

    def settings(self) -> Settings:
        words = self.folder / "words.txt"
        words.write_text("gore\nnegative: loli\n", "utf-8")
        return super().settings().model_copy(update={"moderation": ModerationSettings(blocked_words=words)})


async def refusal(world: World, **options: object) -> str:
    result = await world.alice.slash(world.channel, "generate", **options)
    return world.text(result.response)


async def test_a_negative_prompt_may_name_what_is_not_wanted_and_is_not_on_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Worded(tmp_path, monkeypatch) as world:
        for said in (
            {"prompt": "g-o-r-e"},
            {"prompt": "{a|a} g{o|o}re"},
            {"prompt": "x", "negative_prompt": "loli"},
        ):
            assert "is not allowed here" in await refusal(world, **said)
        card = await world.done(await world.generate(prompt="a fox", negative_prompt="gore, blood"))
        assert "gore" not in world.text(card)
        assert "blood" not in world.text(card)
        await world.until(lambda: not world.app.delivery.showing)
        told = await press(world, world.bob, card, "details")
        assert "gore, blood" in world.text(told.response)
