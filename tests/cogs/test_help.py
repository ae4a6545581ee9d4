"""/help says what holds for this person in this channel; a prompt the model cannot read is said on its card."""

from pathlib import Path

import pytest

from bot.i18n import Language
from bot.policy.actor import Actor
from tests.cogs.looking import CHINESE, ENGLISH, answer, ask
from tests.world import ROOT, World

OPERATOR = Actor(user_id=99, guild_id=None, operator=True)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=lambda each: each.code)
async def test_everybody_is_told_what_holds_for_them(shared: World, language: Language) -> None:
    shared.locales[shared.alice.id] = shared.locales[shared.mod.id] = language.code
    said = await ask(shared, shared.alice, "help")
    for sentence in (
        "What you can do here",
        "**Rules here**",
        "Everybody takes turns; only moderators can go first",
    ):
        assert language.t(sentence) in said
    option = language.name("prompt", "option name") or "prompt"
    assert f"{option}:{language.t('a lighthouse in a storm, oil painting')}\n" in said
    assert "`txt2img`" in said
    assert language.t(
        "As a moderator you go before others of this server with `priority`, and can stop their jobs"
    ) in await ask(shared, shared.mod, "help")
    await shared.app.bot.services.policy.pause(OPERATOR)
    assert language.t("⏸️ New jobs are paused for the moment; those accepted go on.") in await ask(
        shared, shared.alice, "help"
    )
    await shared.app.bot.services.policy.resume(OPERATOR)
    assert len(shared.stored(await answer(shared, shared.alice, "help")).components) == 1
    shared.locales.clear()


class TestWords:
    """A workflow whose model reads English alone."""

    @pytest.fixture
    def workflows(self, tmp_path: Path) -> Path:
        folder = tmp_path / "workflows"
        folder.mkdir()
        for file in (ROOT / "workflows").glob("txt2img.*"):
            (folder / file.name).write_bytes(file.read_bytes())
        manifest = folder / "txt2img.toml"
        manifest.write_text(
            'prompt_languages = ["en"]\n' + manifest.read_text(encoding="utf-8"), encoding="utf-8"
        )
        return folder

    async def test_words_the_model_does_not_read_are_said_on_the_card(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workflows: Path
    ) -> None:
        world = World(tmp_path, monkeypatch)
        world.workflows = workflows
        async with world:
            world.locales[world.alice.id] = "zh-CN"
            message = await world.generate(prompt="雪地里的一只狐狸")
            assert "读不懂这个提示词使用的文字，它能理解英语" in world.text(message)
            await world.done(message, "完成")
            assert "读不懂" in world.text(message)
            readable = await world.generate(world.bob, prompt="a fox in the snow")
            await world.done(readable)
            assert "does not read" not in world.text(readable)
        assert world.outside.failures == []
