"""What becomes of results that ComfyUI has made and then does not give."""

from dataclasses import replace

import pytest

from bot.demo.comfyui import FaultAction, HttpFault
from bot.ui.messages.pacing import Pace
from tests.world import PACE, World


@pytest.mark.parametrize(
    "action", [FaultAction.RESET, FaultAction.STATUS, FaultAction.GARBAGE, FaultAction.HALF_BODY]
)
async def test_a_file_that_is_not_given_at_first_is_asked_for_again(
    world: World, action: FaultAction
) -> None:
    world.comfyui.faults.http.append(HttpFault(("GET", "/view"), action, times=3))
    message = await world.done(await world.generate(prompt="a fox"))
    (picture,) = world.files(message).values()
    assert picture.startswith(b"\x89PNG")
    assert "fetched" not in world.text(message)


async def test_a_file_that_is_gone_is_named(world: World) -> None:
    world.comfyui.faults.missing_outputs = True
    message = await world.done(await world.generate(prompt="a fox"))
    assert "no longer on the image server" in world.text(message)
    assert world.files(message) == {}


class TestImpatience:
    @pytest.fixture
    def pace(self) -> Pace:
        return replace(PACE, fetch=0.5)

    async def test_a_file_that_is_not_given_for_long_is_left_to_the_history(self, world: World) -> None:
        world.comfyui.faults.http.append(HttpFault(("GET", "/view"), FaultAction.STATUS, times=None))
        message = await world.done(await world.generate(prompt="a fox"))
        assert "Look in /history later" in world.text(message)
