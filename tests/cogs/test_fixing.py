"""*Fix and send*: whatever is refused and can be mended opens as a form filled with what was given."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import LimitSettings
from tests.cogs.asking import forbid, picture
from tests.cogs.filling import fields, filled, opened, restarted, submit
from tests.world import ROOT, World

SKETCH = """
title = { en = "Sketch" }
command = "sketch"

[parameters.model]
default = "auto"
"""
SMALL: dict[str, Any] = {"width": 64, "height": 64}


@pytest.fixture
async def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: LimitSettings
) -> AsyncIterator[World]:
    world = World(tmp_path, monkeypatch)
    world.limits = limits
    world.workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", world.workflows)
    shutil.copy(ROOT / "workflows" / "img2img.json", world.workflows / "sketch.json")
    (world.workflows / "sketch.toml").write_text(SKETCH, "utf-8")
    async with world:
        yield world
    assert world.outside.failures == []


async def refused(world: World, command: str = "generate", **options: Any) -> Any:
    """Use a command that is refused; return the refusal, which only this person sees."""
    result = await world.alice.slash(world.channel, command, **options)
    message = result.response or result.followups[-1]
    assert message.ephemeral
    assert list(world.buttons(message)) == ["Fix and send"], world.text(message)
    return message


def description(shown: Any, label: str) -> str:
    return next(each["description"] for each in shown.modal["components"] if each["label"] == label)


async def made(world: World, answer: Any) -> str:
    message = answer.response or answer.followups[-1]
    await world.done(message)
    return world.text(message)


@pytest.mark.parametrize(
    ("options", "said", "label", "held", "better"),
    [
        ({"steps": 5000}, "steps", "Steps", "5000", "2"),
        ({"model": "no-such-model"}, "no-such-model", "Model", "no-such-model", "demo-painter.safetensors"),
        ({"sampler": "no-such-sampler"}, "no-such-sampler", "Sampler", "no-such-sampler", "euler"),
        ({"extra": "steps=many"}, "whole number", "Steps", "many", "2"),
        ({"extra": "just words"}, "just words", "Other settings", "just words", ""),
        ({"extra": "nonsense=1"}, "nonsense", "Other settings", "nonsense=1", ""),
        ({"seed": 1, "extra": "seed=2"}, "seed", "Other settings", "seed=2", ""),
        ({"lora": "no-such-lora"}, "no-such-lora", "LoRA", "no-such-lora", ""),
    ],
    ids=lambda value: " ".join(map(str, value.items())) if isinstance(value, dict) else None,
)
async def test_a_wrong_value_is_shown_where_it_can_be_changed(
    world: World, options: dict[str, Any], said: str, label: str, held: str, better: str
) -> None:
    message = await refused(world, prompt="a long story", **SMALL, **options)
    assert said in world.text(message)
    shown = await opened(world.alice, message, "Fix and send")
    assert filled(shown)[label] == held
    done = await made(world, await submit(world.alice, shown, **{label.replace(" ", "_"): better}))
    assert "a long story" in done
    assert "64×64" in done


async def test_half_characters_are_left_out_of_what_is_fixed(world: World) -> None:
    message = await refused(world, prompt="a \ud800fox\0", steps=5000, **SMALL)
    shown = await opened(world.alice, message, "Fix and send")
    assert filled(shown)["Prompt"] == "a fox"
    # In a form too, and again when that is refused.
    answer = await submit(world.alice, shown, Prompt="a \udfffcat", Steps="5001")
    shown = await opened(world.alice, answer.response or answer.followups[-1], "Fix and send")
    assert filled(shown)["Prompt"] == "a cat"
    assert "a cat" in await made(world, await submit(world.alice, shown, Steps="2"))


async def test_a_refusal_of_a_long_text_fits_a_message(world: World) -> None:
    message = await refused(world, prompt="a fox", lora="*" * 300, **SMALL)
    shown = await opened(world.alice, message, "Fix and send")
    answer = await submit(world.alice, shown, LoRA="*" * 4000)
    answer = answer.response or answer.followups[-1]
    assert list(world.buttons(answer)) == ["Fix and send"], world.text(answer)
    assert len(world.text(answer)) < 2000


@pytest.mark.parametrize("command", ["generate", "sketch"])
async def test_too_many_are_made_fewer(world: World, command: str) -> None:
    given: dict[str, Any] = {"image": ("photo.png", picture())} if command == "sketch" else SMALL
    message = await refused(world, command, prompt="a long story", count=9, **given)
    shown = await opened(world.alice, message, "Fix and send")
    assert filled(shown)["How many"] == "9"
    assert filled(shown)["Prompt"] == "a long story"
    answer = await submit(world.alice, shown, How_many="2")
    assert "a long story" in await made(world, answer)
    job = await world.app.jobs.find("1")
    assert job is not None
    assert job.cost == 2


async def test_an_unknown_workflow_is_chosen_in_the_form(world: World) -> None:
    message = await refused(world, prompt="a fox", workflow="txt2imgg", steps=2, **SMALL)
    shown = await opened(world.alice, message, "Fix and send")
    assert filled(shown)["Workflow"] == "txt2img"
    assert filled(shown)["Prompt"] == "a fox"
    assert {"img2img", "sketch"} <= {each["value"] for each in fields(shown)["Workflow"]["options"]}
    assert "Steps 2" in await made(world, await submit(world.alice, shown))

    # One that does not take what was given: another one does.
    message = await refused(world, prompt="a fox", workflow="upscale", **SMALL)
    assert "upscale does not take prompt" in world.text(message)
    shown = await opened(world.alice, message, "Fix and send")
    assert filled(shown)["Workflow"] == "upscale"
    assert "a fox" in await made(world, await submit(world.alice, shown, Workflow="txt2img"))


class TestLimits:
    @pytest.fixture
    def limits(self) -> LimitSettings:
        return LimitSettings(jobs_per_user=1, queue=1)

    async def test_what_is_too_much_now_can_be_sent_later(self, world: World) -> None:
        world.comfyui.hold()
        first = await world.generate(prompt="first")
        await world.done(first, "Working")
        message = await refused(world, prompt="second", **SMALL)
        world.comfyui.release()
        await world.done(first)
        shown = await opened(world.alice, message, "Fix and send")
        assert filled(shown)["Prompt"] == "second"
        assert "second" in await made(world, await submit(world.alice, shown))

    async def test_a_size_too_large_is_changed(self, world: World) -> None:
        message = await refused(world, prompt="a fox", width=8000, height=8000)
        shown = await opened(world.alice, message, "Fix and send")
        assert (filled(shown)["Width"], filled(shown)["Height"]) == ("8000", "8000")
        assert "64×64" in await made(world, await submit(world.alice, shown, Width="64", Height="64"))


class TestFullQueue:
    @pytest.fixture
    def limits(self) -> LimitSettings:
        return LimitSettings(queue=1)

    async def test_what_found_no_place_is_sent_later(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        http: Any = world.app.bot.http
        world.comfyui.hold()
        first = await world.generate(who=world.bob, prompt="first")
        await world.done(first, "Working")
        given: dict[str, Any] = {"image": ("photo.png", picture()), "workflow": "img2img"}
        with monkeypatch.context() as patched:
            patched.setattr(http, "get_from_cdn", None)  # nothing is to be downloaded for a refusal
            message = await self.full(world, **given)
        world.comfyui.release()
        await world.done(first)
        shown = await opened(world.alice, message, "Fix and send")
        assert filled(shown)["Prompt"] == "second"
        assert description(shown, "Image") == "photo.png (kept; attach another to replace it)"
        assert "second" in await made(world, await submit(world.alice, shown))

    async def full(self, world: World, **given: Any) -> Any:
        result = await world.alice.slash(world.channel, "generate", prompt="second", **given)
        message = (result.followups or [result.response])[-1]
        assert message.ephemeral
        assert "The queue is full" in world.text(message)
        assert list(world.buttons(message)) == ["Fix and send"]
        return message


class TestCooldown:
    @pytest.fixture
    def limits(self) -> LimitSettings:
        return LimitSettings(cooldown=1000)

    async def test_the_words_wait_for_the_next_time(self, world: World) -> None:
        await world.done(await world.generate(prompt="first"))
        message = await refused(world, prompt="second", **SMALL)
        assert "wait" in world.text(message)
        shown = await opened(world.alice, message, "Fix and send")
        assert filled(shown)["Prompt"] == "second"
        again = await submit(world.alice, shown)
        assert list(world.buttons(again.response)) == ["Fix and send"], (
            "refused once more, and kept once more"
        )


async def test_blocked_words_can_be_put_differently_also_after_a_restart(world: World) -> None:
    await forbid(world, "wolf")
    message = await refused(world, "imagine", prompt="a wolf in the snow")
    await restarted(world)
    shown = await opened(world.alice, message, "Fix and send")
    assert filled(shown)["Prompt"] == "a wolf in the snow"
    assert "a fox" in await made(world, await submit(world.alice, shown, Prompt="a fox in the snow"))


async def test_priority_is_taken_back(world: World) -> None:
    message = await refused(world, prompt="a fox", priority=True, **SMALL)
    shown = await opened(world.alice, message, "Fix and send")
    assert filled(shown)["priority"] is True
    assert "a fox" in await made(world, await submit(world.alice, shown, priority=False))


async def test_a_picture_is_kept_where_it_is_until_the_form_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await forbid(world, "wolf")
    http: Any = world.app.bot.http
    fetch, asked = http.get_from_cdn, list[str]()

    async def counted(url: str) -> bytes:
        asked.append(url)
        return await fetch(url)

    monkeypatch.setattr(http, "get_from_cdn", counted)
    options: dict[str, Any] = {"prompt": "a wolf", "image": ("photo.png", picture())}
    for command, more in (("generate", {"workflow": "img2img"}), ("imagine", {}), ("sketch", {"steps": 3})):
        message = await refused(world, command, **options, **more)
        shown = await opened(world.alice, message, "Fix and send")
        assert description(shown, "Image") == "photo.png (kept; attach another to replace it)"
        assert not fields(shown)["Image"]["required"]
        assert asked == [], "nothing is downloaded before the form is sent"
        job = await made(world, await submit(world.alice, shown, Prompt="a fox"))
        assert "a fox" in job
        assert len(asked) == 1
        asked.clear()

    # Another one takes its place.
    message = await refused(world, "sketch", **options)
    shown = await opened(world.alice, message, "Fix and send")
    other = picture(colour="blue")
    await made(world, await submit(world.alice, shown, Prompt="a fox", Image=("new.png", other)))
    assert len(asked) == 1
    assert asked[0].endswith("/new.png")


async def test_what_is_wrong_and_what_was_given_stand_on_the_first_page(world: World) -> None:
    message = await refused(
        world, prompt="a fox", workflow="img2img", image=("photo.png", picture()), steps=5000, cfg=3
    )
    shown = await opened(world.alice, message, "Fix and send")
    assert list(fields(shown)) == ["Steps", "Prompt", "Image", "CFG", "More settings"]
    assert description(shown, "Image") == "photo.png (kept; attach another to replace it)"
    assert (filled(shown)["Steps"], filled(shown)["Prompt"], filled(shown)["CFG"]) == ("5000", "a fox", "3")
    message = await refused(world, prompt="a fox", extra="a mess, steps=2", seed=5)
    shown = await opened(world.alice, message, "Fix and send")
    assert next(iter(fields(shown))) == "Other settings"
    assert filled(shown)["Other settings"] == "a mess, steps=2"
    assert filled(shown)["Seed"] == "5"
    message = await refused(world, prompt="a fox", workflow="txt2imgg", seed=5)
    shown = await opened(world.alice, message, "Fix and send")
    assert list(fields(shown))[:3] == ["Workflow", "Prompt", "Seed"]


async def test_a_picture_that_discord_has_dropped_is_asked_for_again(world: World) -> None:
    message = await refused(
        world, prompt="a fox", workflow="img2img", image=("photo.png", picture()), sampler="no such"
    )
    world.env.backend.cdn._blobs.clear()
    shown = await opened(world.alice, message, "Fix and send")
    answer = await submit(world.alice, shown, Sampler="euler")
    (trouble,) = answer.followups
    assert "Please attach it again" in world.text(trouble)
    shown = await opened(world.alice, trouble, "Fix and send")
    assert fields(shown)["Image"]["required"]
    assert filled(shown)["Prompt"] == "a fox"
    answer = await submit(world.alice, shown, Image=("new.png", picture(colour="blue")))
    assert "a fox" in await made(world, answer)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("cat.png", b"no picture"), "not a picture"),
        (("film.mp4", b"\x00\x00\x00 ftypmp42"), "not a picture"),
        (("large.png", b"x" * (25 * 1024 * 1024 + 1)), "too large"),
    ],
    ids=["no picture", "a film", "too large"],
)
async def test_a_file_that_cannot_be_used_is_asked_for_again(
    world: World, file: tuple[str, bytes], said: str
) -> None:
    message = await refused(world, "sketch", prompt="a fox", image=file)
    assert said in world.text(message)
    shown = await opened(world.alice, message, "Fix and send")
    assert fields(shown)["Image"]["required"]
    assert filled(shown)["Prompt"] == "a fox"
    assert "a fox" in await made(world, await submit(world.alice, shown, Image=("a.png", picture())))


async def test_only_discords_addresses_are_ever_fetched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await refused(world, "sketch", prompt="a fox", image=("photo.png", picture()), lora="none such")
    (button,) = world.buttons(message).values()
    key = f"form:{button['custom_id'].split(':')[2]}"
    kept = await world.app.bot.memory.get(key)
    assert kept is not None
    assert "https://cdn.simcord.invalid/" in kept
    await world.app.bot.memory.set(
        key, kept.replace("https://cdn.simcord.invalid/", "https://cdn.simcord.invalid@evil.example/")
    )
    asked: list[str] = []
    http: Any = world.app.bot.http
    monkeypatch.setattr(http, "get_from_cdn", asked.append)
    shown = await opened(world.alice, message, "Fix and send")
    answer = await submit(world.alice, shown, LoRA="")
    said = world.text(answer.response or answer.followups[-1])
    assert "attach it again" in said
    assert asked == []


async def test_a_draft_is_its_owners_alone(world: World) -> None:
    message = await refused(world, prompt="a fox", steps=5000)
    (button,) = world.buttons(message).values()
    draft = button["custom_id"].split(":")[2]
    with pytest.raises(Exception, match="Only the person"):
        await world.app.bot.services.drafts.of(draft, world.bob.id)


async def test_what_nobody_can_mend_has_no_button(world: World) -> None:
    policy: Any = world.app.policy
    from bot.policy.actor import Actor

    moderator = Actor(
        user_id=world.mod.id, guild_id=world.guild.id, moderator=True, admin=True, operator=True
    )
    await policy.ban(moderator, world.alice.id)
    result = await world.alice.slash(world.channel, "generate", prompt="a fox", steps=5000)
    assert "banned" in world.text(result.response)
    assert world.buttons(result.response) == {}
    await policy.pause(moderator)
    result = await world.bob.slash(world.channel, "imagine", prompt="a fox")
    assert world.buttons(result.response) == {}


async def test_defaults_of_ones_own_are_not_lost(world: World) -> None:
    from bot.users.profile import Defaults

    profiles = world.app.bot.services.profiles
    await profiles.default(world.alice.id, "txt2img", Defaults({"negative_prompt": "rain"}, private=True))
    message = await refused(world, prompt="a fox", steps=5000, **SMALL)
    shown = await opened(world.alice, message, "Fix and send")
    answer = await submit(world.alice, shown, Steps="2")
    await world.done(answer.response)
    assert answer.response.ephemeral
    job = await world.app.jobs.find("1")
    assert job is not None
    assert job.request.values["negative_prompt"] == "rain"
