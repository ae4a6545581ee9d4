"""From a slash command to the picture."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.settings import LimitSettings
from bot.ui.messages.message_api import DeliveryError, DeliveryErrorKind, Draft, MessageApi
from tests.cogs.asking import picture, refused
from tests.cogs.filling import opened, submit
from tests.world import World, custom_ids


async def test_a_prompt_becomes_a_picture(world: World) -> None:
    message = await world.generate(prompt="a *red* fox", seed=0)
    assert r"a \*red\* fox" in world.text(message)
    assert not message.ephemeral
    await world.done(message)
    said = world.text(message)
    assert "Seed 0" in said
    assert list(world.files(message)) == ["txt2img-0-1.png"]
    assert len(world.gallery(message)) == 1
    assert list(world.buttons(message))[:5] == ["Again", "Vary", "Upscale", "Edit", "Use as input"]
    await world.until(lambda: not world.app.delivery.showing)


async def test_two_pictures_with_seeds_that_repeat_to_the_same_bytes(world: World) -> None:
    first = await world.done(await world.generate(prompt="一只猫", seed=0, count=2))
    second = await world.done(await world.generate(world.bob, prompt="一只猫", seed=0, count=2))
    assert "Seed 0" in world.text(first)
    pictures = world.files(first)
    assert len(pictures) == 2
    assert len(set(pictures.values())) == 2
    assert list(world.files(second).values()) == list(pictures.values())


async def test_a_seed_is_drawn_shown_and_can_be_repeated(world: World) -> None:
    first = await world.done(await world.generate(prompt="a fox"))
    name = next(iter(world.files(first)))
    seed = int(name.split("-")[1])
    assert f"Seed {seed}" in world.text(first)
    second = await world.done(await world.generate(prompt="a fox", seed=seed))
    assert world.files(second) == world.files(first)


async def test_progress_and_a_preview_are_shown_while_it_runs(world: World) -> None:
    world.comfyui.hold()
    message = await world.generate(prompt="a slow fox")
    assert list(world.buttons(message)) == ["Cancel"]
    await world.until(lambda: "Working" in world.text(message) and "%" in world.text(message))
    await world.until(lambda: "preview.jpg" in world.files(message))
    assert len(world.files(message)["preview.jpg"]) <= 64 * 1024
    await world.until(lambda: "step" in world.text(message))
    world.comfyui.release()
    await world.done(message)
    assert "preview.jpg" not in world.files(message)


async def test_a_picture_to_start_from(world: World) -> None:
    message = await world.generate(prompt="as a painting", image=("photo.jpg", picture()), seed=1)
    await world.done(message)
    assert "Image to image" in world.text(message)
    assert list(world.files(message)) == ["img2img-1-1.png"]


async def test_a_picture_and_a_mask(world: World) -> None:
    message = await world.generate(
        prompt="a hat", image=("photo.png", picture()), mask=("mask.png", picture(colour="white")), seed=1
    )
    await world.done(message)
    assert "Inpaint" in world.text(message)


async def test_no_prompt_opens_a_form_that_asks_for_it(world: World) -> None:
    shown = await world.alice.slash(world.channel, "generate", seed=0)
    assert shown.modal is not None
    assert shown.modal["title"] == "What should it be?"
    (field,) = list(custom_ids(shown.modal["components"]))
    answer = await world.alice.submit_modal(shown, {field: "a fox from a form"})
    await world.done(answer.response)
    assert "a fox from a form" in world.text(answer.response)
    assert "Seed 0" in world.text(answer.response)


async def test_attached_files_wait_for_the_form(world: World) -> None:
    shown = await world.alice.slash(world.channel, "generate", image=("photo.png", picture()))
    (field,) = list(custom_ids(shown.modal["components"]))
    answer = await world.alice.submit_modal(shown, {field: "a painting"})
    await world.done(answer.response)
    assert "Image to image" in world.text(answer.response)


async def test_a_workflow_that_needs_no_prompt_asks_for_none(world: World) -> None:
    message = await world.generate(workflow="upscale", image=("photo.png", picture()))
    await world.done(message)


async def test_a_form_of_an_earlier_version_is_answered_kindly(world: World) -> None:
    shown = await world.alice.slash(world.channel, "generate", seed=0)
    shown._interaction.modal["custom_id"] = "generate:prompt:1"
    (field,) = list(custom_ids(shown.modal["components"]))
    answer = await world.alice.submit_modal(shown, {field: "a fox"})
    await world.until(lambda: answer.response is not None)
    assert "I was restarted" in world.text(answer.response)
    assert answer.response.ephemeral


class TestLimits:
    @pytest.fixture
    def limits(self) -> LimitSettings:
        return LimitSettings(jobs_per_user=1)

    async def test_a_person_may_only_have_so_many_jobs(self, world: World) -> None:
        world.comfyui.hold()
        await world.generate(prompt="one")
        message = await world.generate(prompt="two")
        assert message.ephemeral
        assert "1" in world.text(message)
        other = await world.generate(world.bob, prompt="three")
        assert not other.ephemeral


@pytest.mark.parametrize("named", [{}, {"workflow": "img2img"}], ids=["unnamed", "named"])
async def test_options_of_no_use_are_left_out_and_said_on_the_card(
    world: World, named: dict[str, str]
) -> None:
    said = "Not used by this workflow: aspect and width"
    result = await world.alice.slash(
        world.channel, "generate", prompt="x", image=("a.png", picture()), aspect="16:9", width=64, **named
    )
    card = result.response
    await world.done(card)
    assert said in world.text(card)
    assert len(result.followups) == 0, "nothing is said twice"
    await world.crash()
    await world.come_back()
    again = (await world.alice.click(card, label="Again")).response
    assert said in world.text(await world.done(again))
    world.locales[world.bob.id] = "zh-CN"
    again = (await world.bob.click(card, label="Again")).response
    assert "已忽略：比例和宽度" in world.text(await world.done(again, "完成"))
    shown = await opened(world.alice, card, "Edit")
    edited = (await submit(world.alice, shown, Prompt="y")).response
    assert "Not used" not in world.text(await world.done(edited)), "nobody asks for it any more"


async def test_options_of_no_use_are_said_too_where_a_form_asks_for_the_words(world: World) -> None:
    shown = await world.alice.slash(world.channel, "generate", image=("a.png", picture()), aspect="16:9")
    answer = await submit(world.alice, shown, Prompt="a painting")
    assert "Not used by this workflow: aspect" in world.text(await world.done(answer.response))


async def test_what_the_result_depends_on_is_refused_before_anything_is_fetched(world: World) -> None:
    photo = ("a.png", picture())
    said = await refused(world, prompt="x", workflow="txt2img", image=photo, aspect="16:9")
    assert r"txt2img does not take image. It takes: prompt, negative\_prompt, width, height" in said
    said = await refused(world, workflow="img2img", prompt="x", image=photo, extra="foo=3")
    assert r"img2img does not take foo. It takes: prompt, negative\_prompt, image, seed" in said
    assert "lora; under extra: megapixels." in said
    assert not list((world.folder / "data" / "inputs").rglob("*.png"))
    world.locales[world.alice.id] = "zh-CN"
    said = await refused(world, prompt="x", workflow="upscale", image=photo)
    assert "upscale 不接受“提示词”，它接受：图片, 模型。" in said


async def test_further_settings_reach_the_workflow(world: World) -> None:
    message = await world.generate(prompt="x", seed=1, extra="steps=7, batch=2")
    await world.done(message)
    assert "Steps 7" in world.text(message)
    assert len(world.files(message)) == 2


async def test_a_private_job_is_seen_by_its_owner_only(world: World) -> None:
    message = await world.generate(prompt="a secret", private=True, seed=3)
    assert message.ephemeral
    await world.done(message)
    assert len(world.files(message)) == 1


async def test_chinese_people_are_answered_in_chinese(world: World) -> None:
    world.locales[world.alice.id] = "zh-TW"
    message = await world.generate(prompt="一只猫", seed=0)
    await world.done(message, "完成")
    assert "種子 0" in world.text(message)
    assert not {"Again", "Vary", "Details"} & set(world.buttons(message))
    refusal = await world.generate(prompt="x", workflow="nonsense")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in world.text(refusal))


async def test_what_goes_wrong_on_our_side_is_one_sentence_with_a_reference(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_args: object, **_options: object) -> None:
        raise LookupError("/home/secret/path")

    monkeypatch.setattr(world.app.jobs, "submit", fail)
    message = await world.generate(prompt="x")
    said = world.text(message)
    assert message.ephemeral
    assert "Something went wrong on our side" in said
    assert "secret" not in said
    reference = said.rsplit(maxsplit=1)[-1].rstrip(".")
    assert any(reference in record.getMessage() for record in caplog.records)


async def test_words_the_servers_own_filter_stops_are_left_out_of_the_card(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = discord.InteractionResponse.send_message

    async def send_message(self: Any, *args: Any, **kwargs: Any) -> Any:
        if "forbidden" in str(kwargs["view"].to_components()):
            response = SimpleNamespace(status=400, reason="Bad Request")
            raise discord.HTTPException(cast("Any", response), {"code": 200000, "message": "AutoMod"})
        return await original(self, *args, **kwargs)

    edit = MessageApi.edit_by_token

    async def edit_by_token(self: MessageApi, ref: Any, draft: Draft, *, seconds: float) -> Any:
        if "forbidden" in str(draft.view.to_components()[0]["components"][0]):
            raise DeliveryError(DeliveryErrorKind.WORDS, "AutoMod")
        return await edit(self, ref, draft, seconds=seconds)

    monkeypatch.setattr(discord.InteractionResponse, "send_message", send_message)
    monkeypatch.setattr(MessageApi, "edit_by_token", edit_by_token)
    world.comfyui.hold()
    message = await world.generate(prompt="a forbidden word")
    await world.done(message, "Working")
    assert "forbidden" not in world.text(message)
    world.comfyui.release()
    await world.done(message)
    assert "forbidden" not in world.text(message)
    assert len(world.files(message)) == 1


async def test_an_acceptance_that_takes_long_is_answered_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ui.requests.submission.PATIENCE", 0.05)
    original = world.app.jobs.submit

    async def slowly(*args: Any, **kwargs: Any) -> Any:
        await world.until(lambda: any("One moment" in world.text(each) for each in world.messages()))
        return await original(*args, **kwargs)

    monkeypatch.setattr(world.app.jobs, "submit", slowly)
    message = await world.generate(prompt="a fox")
    await world.done(message)
    result = await world.alice.slash(world.channel, "generate", prompt="x", steps=5000)
    assert "steps" in world.text(result.followups[0])
    assert result.followups[0].ephemeral


async def test_what_comes_too_late_is_not_begun_whatever_our_clock_says(world: World) -> None:
    bot = world.app.bot

    def aged(seconds: float) -> Any:
        return SimpleNamespace(created_at=discord.utils.utcnow() - timedelta(seconds=seconds))

    assert not bot.is_stale(aged(60)), "nothing to compare with: our clock may be wrong"
    assert not bot.is_stale(aged(61))
    assert not bot.is_stale(aged(0.5))
    assert bot.is_stale(aged(4))
    assert not bot.is_stale(aged(-5))
    assert bot.is_stale(aged(0.5))


class TestGuilds:
    async def test_other_servers_are_not_served(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        message = await world.done(await world.generate(prompt="a fox"))
        settings = world.app.bot.settings.model_copy(update={"guilds": (1,)})
        monkeypatch.setattr(world.app.bot, "settings", settings)
        assert "am not available in this server" in await refused(world, prompt="x")
        pressed = await world.alice.click(message, label="Again")
        assert "am not available in this server" in world.text(pressed.response)
        assert await world.alice.autocomplete(world.channel, "generate", "workflow", "") == []
