"""/profile: language, notifications and defaults that hold everywhere and across restarts, and being forgotten."""

import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import UserError
from bot.jobs.model.job import Job
from bot.jobs.model.ports import HistoryQuery
from bot.users.form_drafts import Draft
from bot.users.profile import Notify, Profile
from tests.cogs.forging import forge
from tests.cogs.looking import CHINESE, ENGLISH, answer, ask, press
from tests.world import World, custom_ids

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAIWAN = "zh-TW"
FIELDS: tuple[str, ...] = ("model", "size", "negative", "private")


async def choose(world: World, who: Any, message: Any, family: str, value: str) -> Any:
    """Choose something in one of the profile's menus."""
    result = await who.select(message, [value], custom_id=f"profile:{family}")
    assert result.acknowledged, "This interaction failed"
    return result


async def set_defaults(world: World, who: Any, message: Any, **written: Any) -> Any:
    """Fill in the form of the defaults of `txt2img`; what is not said is left as it is."""
    return await send(who, await choose(world, who, message, "defaults", "txt2img"), **written)


async def send(who: Any, shown: Any, **written: Any) -> Any:
    """Send the form of somebody's defaults."""
    fields = dict(zip(FIELDS, custom_ids(shown.modal["components"]), strict=True))
    parts = [part["component"] for part in shown.modal["components"]]
    there = {part["custom_id"]: part["value"] for part in parts if part.get("value")}
    return await who.submit_modal(shown, there | {fields[name]: value for name, value in written.items()})


async def made(world: World, who: Any, **options: Any) -> tuple[Job, Any]:
    """Make something from what was said alone; return the job and its card once it has ended."""
    result = await who.slash(world.channel, "generate", **options)
    await world.until(lambda: not world.app.jobs.active())
    query = HistoryQuery(viewer=who.id, guild_id=world.guild.id, user_id=who.id, limit=1)
    return (await world.app.jobs.history(query)).jobs[0], result.response


async def test_the_language_one_sets_goes_before_discords_in_everything(shared: World) -> None:
    message = await answer(shared, shared.alice, "profile")
    assert "Your profile" in shared.text(message)
    shared.locales[shared.alice.id] = "zh-CN"
    assert CHINESE.t("Your profile") in await ask(shared, shared.alice, "profile")
    await choose(shared, shared.alice, message, "language", "en")
    assert "Your profile" in shared.text(message)
    assert "Your history" in await ask(shared, shared.alice, "history")
    job, card = await made(shared, shared.alice, prompt="a fox", steps=3, width=64, height=64)
    assert job.request.requester.locale == "en"
    await shared.done(card, "Done")

    await shared.crash()
    await shared.come_back()
    await choose(shared, shared.alice, message, "language", TAIWAN)
    said = shared.text(message)
    assert "你的個人設定" in said
    assert "忘記我" in said
    assert "你的歷史" in await ask(shared, shared.alice, "history")
    await choose(shared, shared.alice, message, "language", "auto")
    assert CHINESE.t("Your profile") in shared.text(message)
    shared.locales.clear()


async def test_what_one_sets_for_a_workflow_fills_what_one_does_not_say(shared: World) -> None:
    message = await answer(shared, shared.bob, "profile")
    refused = await set_defaults(shared, shared.bob, message, size="very large")
    assert "832×1216" in shared.text(refused.response)
    refused = await set_defaults(shared, shared.bob, message, size="9000x9000")
    assert "more than can be made" in shared.text(refused.response)
    await set_defaults(shared, shared.bob, message, size="64 x 128", negative="rain")
    assert "64×128 · without: rain" in shared.text(message)
    await shared.crash()
    await shared.come_back()

    job, _ = await made(shared, shared.bob, prompt="a fox", steps=3)
    assert (job.values["width"], job.values["height"], job.values["negative_prompt"]) == (64, 128, "rain")
    asked = await shared.bob.slash(shared.channel, "generate", steps=3)
    (field,) = custom_ids(asked.modal["components"])
    card = (await shared.bob.submit_modal(asked, {field: "a wolf"})).response
    await shared.done(card)
    assert "64×128" in shared.text(card)
    job, _ = await made(
        shared, shared.bob, prompt="a fox", steps=3, width=64, height=64, negative_prompt="snow"
    )
    assert (job.values["width"], job.values["height"], job.values["negative_prompt"]) == (64, 64, "snow")
    await set_defaults(shared, shared.bob, message, negative="", private=["private"])
    assert "64×128 · 🔒 private" in shared.text(message)
    job, card = await made(shared, shared.bob, prompt="a fox", steps=3)
    assert job.request.private
    assert card.ephemeral
    job, _ = await made(shared, shared.bob, prompt="a fox", steps=3, private=False)
    assert not job.request.private
    job, _ = await made(shared, shared.alice, prompt="a fox", steps=3, width=64, height=64)
    assert job.values["negative_prompt"] != "rain"


async def test_a_form_opened_before_a_restart_can_be_sent_after_it(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await answer(shared, shared.mod, "profile")
    shown, *later = [await choose(shared, shared.mod, message, "defaults", "txt2img") for _ in range(3)]
    await shared.crash()
    await shared.come_back()
    sent = await send(shared.mod, shown, size="96 x 64", negative="fog", private=["private"])
    assert sent.acknowledged, "This interaction failed"
    assert "96×64 · without: fog · 🔒 private" in shared.text(message)

    # What it was for may be gone by then.
    monkeypatch.setattr(shared.app.library, "enabled", tuple)
    for lang, form in zip((ENGLISH, CHINESE), later, strict=True):
        shared.locales[shared.mod.id] = lang.code
        told = (await send(shared.mod, form, negative="mist")).response
        expected = lang.t("This workflow is not there any more. Use `/profile` again.")
        assert shared.text(told) == expected
    shared.locales.clear()
    monkeypatch.undo()
    await set_defaults(shared, shared.mod, message, size="", negative="", private=["shared"])
    assert (await shared.app.bot.services.profiles.of(shared.mod.id)).defaults == {}


async def test_a_default_that_suits_no_more_is_left_out_and_said(shared: World) -> None:
    profiles = shared.app.bot.services.profiles
    mine = (await profiles.of(shared.bob.id)).defaults["txt2img"]
    await profiles.default(shared.bob.id, "txt2img", type(mine)({**mine.values, "model": "gone.safetensors"}))
    result = await shared.bob.slash(shared.channel, "generate", prompt="a fox", steps=3)
    (note,) = result.followups
    assert "do not suit “txt2img” any more and were left out: model" in shared.text(note)
    await shared.until(lambda: not shared.app.jobs.active())


async def test_who_wants_to_be_told_is_told_of_every_end(shared: World) -> None:
    message = await answer(shared, shared.mod, "profile")
    await choose(shared, shared.mod, message, "notify", Notify.MENTION.value)
    await made(shared, shared.mod, prompt="a fox", steps=3, width=64, height=64)
    told = await shared.until(
        lambda: [each for each in shared.messages() if f"<@{shared.mod.id}>" in each.content]
    )
    assert len(told) == 1
    await choose(shared, shared.mod, message, "notify", Notify.NEVER.value)
    await made(shared, shared.mod, prompt="a fox", steps=3, width=64, height=64)
    assert len([each for each in shared.messages() if f"<@{shared.mod.id}>" in each.content]) == 1


async def test_a_card_goes_on_in_the_language_set_meanwhile(shared: World) -> None:
    card = await shared.working(who=shared.mod)
    message = await answer(shared, shared.mod, "profile")
    await choose(shared, shared.mod, message, "language", TAIWAN)
    await shared.crash()
    await shared.come_back()
    shared.comfyui.release()
    await shared.done(card, "用時")
    # Its buttons stay in the language of the card, whatever it was asked for in and whatever is set later.
    await shared.mod.click(card, label="劇透")
    await choose(shared, shared.mod, message, "language", "auto")
    await shared.mod.click(card, label="取消劇透")
    assert "劇透" in shared.buttons(card)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=lambda each: each.code)
async def test_one_is_forgotten_with_everything_one_left(shared: World, language: Any) -> None:
    who = shared.bob if language is ENGLISH else shared.alice
    shared.locales[who.id] = language.code
    job, _ = await made(shared, who, prompt="a fox", steps=3, width=64, height=64, private=False)
    await shared.app.bot.services.profiles.notify(who.id, Notify.DIRECT)
    await shared.app.bot.services.marks.favour(job.id, who.id, at=1.0)
    inputs, drafts = shared.app.content, shared.app.bot.services.drafts
    attached = [await inputs.put(data, "png") for data in (b"of one form", b"of another form too")]
    begun = Draft(id=drafts.new_id(), user_id=who.id, guild_id=1, workflow="img2img")
    await drafts.keep(replace(begun, inputs={"image": attached[0], "image2": attached[1]}))
    await drafts.keep(replace(begun, id=drafts.new_id(), user_id=1, inputs={"image": attached[1]}))
    message = await answer(shared, who, "profile")
    asked = await press(shared, who, message, language.t("Forget me …"))
    assert language.t("Forget everything about you?") in asked
    assert language.t("Your profile") in await press(shared, who, message, language.t("Keep everything"))
    await press(shared, who, message, language.t("Forget me …"))
    await shared.crash()
    await shared.come_back()
    said = await press(shared, who, message, language.t("Forget everything"))
    assert language.t("Everything is forgotten") in said
    services = shared.app.bot.services
    assert await services.profiles.of(who.id) == Profile()
    assert await services.jobs.find(job.id) is None
    assert [inputs.path(each).exists() for each in attached] == [False, True]
    assert (await services.profiles.usage(who.id, midnight=0.0)).favourites == 0
    (noted, *_) = await services.policy.audit(shared.guild.id)
    assert (noted.actor_id, noted.action, noted.detail) == (0, "forget me", "")
    shared.locales.clear()


async def test_nobody_is_forgotten_while_their_job_is_at_work(shared: World) -> None:
    with_job = await shared.working(who=shared.alice)
    message = await answer(shared, shared.alice, "profile")
    await press(shared, shared.alice, message, "Forget me …")
    result = await shared.alice.click(message, label="Forget everything")
    assert "Stop them with `/cancel` first" in shared.text(result.followups[0])
    shared.comfyui.release()
    await shared.done(with_job)


async def test_a_menu_of_another_version_is_said_to_be_out_of_date(shared: World) -> None:
    message = await answer(shared, shared.alice, "profile")
    result = await forge(shared.alice, message, "profile:notify", ["by pigeon"])
    assert "This menu is out of date." in shared.text(
        result.followups[0] if result.followups else result.response
    )


async def test_one_reads_everything_that_is_kept_and_nobody_else_does(shared: World) -> None:
    services, who = shared.app.bot.services, shared.alice
    mine, _ = await made(shared, who, prompt="a zyxomma", steps=3, width=64, height=64, private=True)
    theirs, _ = await made(shared, shared.bob, prompt="a borborygmus", steps=3, width=64, height=64)
    await services.marks.favour(theirs.id, who.id, at=1.0)
    await services.profiles.notify(who.id, Notify.MENTION)
    draft = Draft(id=services.drafts.new_id(), user_id=who.id, guild_id=1, workflow="flux")
    # So long that reading it on the loop would be noticed.
    long = "a quandary" * 300
    await services.drafts.keep(replace(draft, texts={"prompt": long}))
    await shared.mod.slash(shared.channel, "moderation ban", user=who, reason="too loud")

    message = (await who.slash(shared.channel, "profile")).response
    sent = (await who.click(message, label="My data")).response
    assert sent.ephemeral
    (file,) = shared.files(sent).values()
    told = json.loads(file)
    assert told["user_id"] == str(who.id)
    assert told["notify"] == "mention"
    assert told["favourites"] == [theirs.number]
    assert [form["texts"] for form in told["forms"]] == [{"prompt": long}]
    assert [ban["reason"] for ban in told["bans"]] == ["too loud"]
    assert [act["action"] for act in told["moderation"]][-1] == "ban"
    (job,) = [each for each in told["jobs"] if each["number"] == mine.number]
    assert job["asked"]["prompt"] == "a zyxomma"
    assert job["private"]
    assert str(shared.mod.id) not in file.decode()
    assert shared.blocking == []
    assert "borborygmus" not in file.decode()
    assert "token" not in file.decode()
    await shared.mod.slash(shared.channel, "moderation unban", user=who)


async def test_data_too_large_for_discord_comes_packed_or_not_at_all(shared: World) -> None:
    exports, who = shared.app.bot.services.exports, shared.alice
    whole = await exports.write(who.id, most=10_000_000)
    assert whole.name == "my-data.json"
    with whole.file:
        text = whole.file.read()
    packed = await exports.write(who.id, most=len(text) - 1)
    assert packed.name == "my-data.zip"
    with packed.file, zipfile.ZipFile(packed.file) as archive:
        assert json.loads(archive.read("my-data.json"))["jobs"] == json.loads(text)["jobs"]
    with pytest.raises(UserError, match="too large for a file on Discord"):
        await exports.write(who.id, most=10)
