"""How large a file may be goes by the way it is sent; what is refused all the same is made smaller."""

import pytest

from bot.ui.routes import Routes
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
    monkeypatch.setattr(Routes, "limit", lambda _routes, _guild_id: USUAL)

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
