"""/workflows list and show: what can be made, and why something cannot."""

import dataclasses
from typing import Any

import pytest

from bot.workflows.model.problem import caution, fault
from tests.cogs.looking import CHINESE, ENGLISH, answer, ask, choose, named, press
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def broken(shared: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workflow that lacks a model, and one for age-restricted channels only."""
    library = shared.app.library
    lacking = dataclasses.replace(
        library.get("txt2img"),
        name="lacking",
        problems=(fault("It needs the model {file}.", file="big.safetensors"), caution("Slow.")),
    )
    nsfw = dataclasses.replace(library.get("txt2img"), name="nightly", nsfw=True)
    more = [dataclasses.replace(library.get("img2img"), name=f"more-{number}") for number in range(9)]
    workflows = {each.name: each for each in (*library.all(), lacking, nsfw, *more)}
    monkeypatch.setattr(library, "_workflows", workflows)
    return lacking


async def test_the_list_and_one_of_them_in_both_languages(shared: World) -> None:
    library = shared.app.library
    for locale, lang in (("en-US", ENGLISH), ("zh-CN", CHINESE)):
        shared.locales[shared.alice.id] = locale
        message = await answer(shared, shared.alice, "workflows list")
        said = shared.text(message)
        for workflow in library.enabled():
            assert f"**{workflow.name}**" in said
            assert workflow.title.in_(lang.code) in said
        assert lang.t("default") in said
        shown = await choose(shared, shared.alice, message, "txt2img")
        assert "- **prompt** · " in shown
        assert "- **seed** · " in shown
        assert f" · {lang.t('whole number')}" in shown
        assert lang.t("default {value}", value="25") in shown
        assert lang.t("default {value}", value="0") not in shown
        assert "**txt2img**" in await press(shared, shared.alice, message, lang.t("All workflows"))
    shared.locales.clear()


async def test_show_by_name(shared: World) -> None:
    assert "- **mask** · mask" in await ask(shared, shared.alice, "workflows show", name="Inpaint")
    said = await ask(shared, shared.alice, "workflows show", name="txt2imgg")
    assert said.startswith("There is no workflow called txt2imgg. Similar: txt2img")
    offered = await shared.alice.autocomplete(shared.channel, "workflows show", "name", "paint")
    assert any("inpaint" in name for name in named(offered))


async def test_moderators_see_what_is_wrong_and_members_do_not(shared: World, broken: Any) -> None:
    message = await answer(shared, shared.alice, "workflows list")
    pages = shared.text(message) + await press(shared, shared.alice, message, "Next")
    assert "lacking" not in pages
    assert "nightly" not in pages
    refusal = await ask(shared, shared.alice, "workflows show", name="lacking")
    assert "cannot be used at present. Please tell whoever runs the bot." in refusal
    assert "big.safetensors" not in refusal
    assert "age-restricted" in await ask(shared, shared.alice, "workflows show", name="nightly")
    seen = await ask(shared, shared.mod, "workflows show", name="lacking")
    assert "🔴 Error: It needs the model big.safetensors." in seen
    assert "🟠 Warning: Slow." in seen


async def test_who_may_not_use_the_default_gets_another_that_makes_the_same(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = shared.app.library

    def lay(**changes: dict[str, Any]) -> None:
        workflows = {each.name: each for each in library.all()}
        changed = {name: dataclasses.replace(workflows[name], **change) for name, change in changes.items()}
        monkeypatch.setattr(library, "_workflows", workflows | changed)

    small = {"prompt": "a fox", "steps": 1, "width": 64, "height": 64}
    mods = f"{shared.guild.id}:mods"
    for way in ({"roles": (mods,)}, {"nsfw": True}, {"problems": (fault("Broken."),)}):
        lay(txt2img={"roles": (), "nsfw": False, "problems": ()} | way)
        said = shared.text(await shared.done(await shared.generate(**small)))
        assert "flux" in said.casefold()
        assert "txt2img" not in said
    lay(txt2img={"roles": (mods,), "problems": ()})
    usual = f"**flux** · Flux · {ENGLISH.t('default')}"
    assert usual in await ask(shared, shared.alice, "workflows list")
    assert usual not in await ask(shared, shared.mod, "workflows list")
    card = await shared.done(await shared.generate(shared.mod, **small))
    assert "flux" not in shared.text(card).casefold()
    refused = await shared.generate(workflow="txt2img", **small)
    assert "“txt2img” is for certain roles only." in shared.text(refused)
    # Where nothing that would do is for somebody, they are told of it rather than given something else.
    lay(flux={"roles": (mods,)})
    assert "“txt2img” is for certain roles only." in shared.text(await shared.generate(**small))
