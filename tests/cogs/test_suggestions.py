"""What is offered while one types `/generate`."""

import time

import pytest

from bot.demo.comfyui import FaultAction, HttpFault
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


class TestSuggestions:
    async def offered(self, shared: World, option: str, typed: str, **filled: object) -> list[str]:
        took: list[float] = []
        choices: list[dict[str, str]] = []
        # A busy machine may hold one attempt up; a server that is waited for would hold up every one.
        while len(took) < 3 and min(took, default=1.0) >= 0.3:
            before = time.perf_counter()
            choices = await shared.alice.autocomplete(shared.channel, "generate", option, typed, **filled)
            took.append(time.perf_counter() - before)
        assert min(took) < 0.3
        assert len(choices) <= 25
        assert all(max(len(choice["name"]), len(choice["value"])) <= 100 for choice in choices)
        return [choice["value"] for choice in choices]

    async def test_they_come_from_the_server_and_get_better_as_one_types(self, shared: World) -> None:
        assert "txt2img" in await self.offered(shared, "workflow", "")
        assert (await self.offered(shared, "workflow", "inpa"))[0] == "inpaint"
        assert (await self.offered(shared, "sampler", "dpmpp2m"))[0].startswith("dpmpp_2m")
        assert "karras" in await self.offered(shared, "scheduler", "kar")
        models = await self.offered(shared, "model", "")
        assert models
        assert models[0] in await self.offered(shared, "model", models[0][:5])

    async def test_earlier_loras_are_kept(self, shared: World) -> None:
        (first, *_) = await self.offered(shared, "lora", "")
        offers = await self.offered(shared, "lora", f"{first}:0.8, {first[:3]}")
        assert f"{first}:0.8, {first}" in offers
        assert f"{first}:0.5" in await self.offered(shared, "lora", f"{first}:0.5")

    async def test_they_answer_at_once_while_the_server_hangs(self, shared: World) -> None:
        shared.comfyui.faults.http.append(HttpFault(("*", "*"), FaultAction.HANG, times=None))
        assert await self.offered(shared, "model", "")
        assert await self.offered(shared, "sampler", "eul")
        shared.comfyui.faults.http.clear()

    async def test_only_what_will_be_accepted_is_offered(self, shared: World) -> None:
        flux = await self.offered(shared, "model", "", workflow="flux")
        usual = await self.offered(shared, "model", "")
        assert flux
        assert usual
        assert not set(flux) & set(usual)
        assert await self.offered(shared, "model", "", workflow="nonsense") == []
        assert await self.offered(shared, "sampler", "", workflow="upscale") == []
        assert "upscale" not in await self.offered(shared, "workflow", "", prompt="a fox", steps=3)
        assert "txt2img" in await self.offered(shared, "workflow", "", prompt="a fox", steps=3)

    async def test_numbers_go_up_to_the_limit_that_holds_here(self, shared: World) -> None:
        async def offered(option: str, typed: str, **filled: object) -> list[int]:
            found = await shared.alice.autocomplete(shared.channel, "generate", option, typed, **filled)
            return [choice["value"] for choice in found]

        assert await offered("count", "") == [1, 2, 3, 4]
        assert await offered("count", "", extra="batch=2") == [1, 2]
        assert await offered("count", "99") == [4]
        assert max(await offered("steps", "")) == 60
        assert max(await offered("width", "", height=2048)) * 2048 <= 2_200_000
        assert await offered("steps", "", workflow="upscale") == []
