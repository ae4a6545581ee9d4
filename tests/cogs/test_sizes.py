"""How large a file may be goes by the way it is sent; what is refused all the same is made smaller."""

import io

import pytest
from PIL import Image

from bot.ui.messages.message_api import MessageApi
from tests import faults
from tests.faults import Call, DiscordFaults
from tests.world import World

USUAL, LARGER = 400, 50_000


@pytest.fixture
def limits_of_discord(
    world: World, discord_faults: DiscordFaults, monkeypatch: pytest.MonkeyPatch
) -> DiscordFaults:
    """Refuse what is too large for the way it is sent; the person's subscription allows more by interaction."""
    world.size_limit = LARGER
    monkeypatch.setattr(MessageApi, "limit", lambda _routes, _guild_id: USUAL)

    def decide(call: Call) -> faults.Failure | None:
        most = LARGER if call.token is not None else USUAL
        if "preview.jpg" in call.text:
            return None  # far smaller than any real limit
        return faults.TOO_LARGE if any(size > most for size in call.sizes) else None

    discord_faults.decide = decide
    return discord_faults


async def test_by_the_interaction_as_much_as_the_persons_subscription_allows(
    world: World, limits_of_discord: DiscordFaults
) -> None:
    card = await world.done(await world.generate(prompt="a fox"))
    (name, data), *_ = world.files(card).items()
    assert name.endswith(".png")
    assert len(data) > USUAL
    assert not limits_of_discord.struck


async def test_with_the_interaction_over_it_is_made_to_fit_the_bots_own_way(
    world: World, limits_of_discord: DiscordFaults
) -> None:
    card = await world.working()
    world.env.backend.interaction_tokens.clear()
    world.comfyui.release()
    await world.done(card)
    told = world.text(card)
    if files := world.files(card):
        assert all(len(data) <= USUAL for data in files.values())
    else:
        assert "can be sent here" in told
    assert faults.TOO_LARGE.kind not in limits_of_discord.struck, "known beforehand, not tried in vain"


async def test_what_is_refused_though_promised_comes_one_step_smaller(
    world: World, limits_of_discord: DiscordFaults
) -> None:
    limits_of_discord.decide = lambda call: (
        faults.TOO_LARGE if any(size > USUAL for size in call.sizes) else None
    )
    card = await world.done(await world.generate(prompt="a fox"))
    assert limits_of_discord.struck[faults.TOO_LARGE.kind] >= 1
    if files := world.files(card):
        assert all(len(data) <= USUAL for data in files.values())
    else:
        assert "can be sent here" in world.text(card)


async def test_a_smaller_copy_is_called_one_and_the_size_is_that_of_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await world.done(await world.generate(prompt="a fox", width=256, height=128, seed=1))
    assert "256×128" in world.text(whole)
    assert "smaller copy" not in world.text(whole)
    world.size_limit = max(map(len, world.files(whole).values())) - 1
    monkeypatch.setattr(MessageApi, "limit", lambda _routes, _guild_id: world.size_limit)
    card = await world.done(await world.generate(prompt="a fox", width=256, height=128, seed=1, count=2))
    await world.until(lambda: not world.app.delivery.showing)
    names = list(world.files(card))
    copies = [name for name in names if name.endswith(".webp")]
    assert copies
    told = "smaller copy: WebP" if len(copies) == 1 else f"{len(copies)} smaller copies: WebP"
    assert told in world.text(card)
    for data in world.files(card).values():
        width, height = Image.open(io.BytesIO(data)).size
        assert f"{width}×{height}" in world.text(card)
    shown = (await world.alice.slash(world.channel, "history", job="2")).response
    assert told in world.text(shown)


async def test_the_size_on_a_card_is_that_of_the_files(world: World) -> None:
    card = await world.done(await world.generate(prompt="a fox", width=64, height=64))
    await world.until(lambda: not world.app.delivery.showing)
    assert "64×64" in world.text(card)
    larger = (await world.alice.click(card, label="Upscale")).response
    assert "128×128" in world.text(await world.done(larger))
