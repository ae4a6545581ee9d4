"""The answer of /help is short, whatever there is to say, and its examples can be used as they are."""

from typing import Any

import pytest

from bot.i18n import LANGUAGES, Language
from bot.policy.rules import Who
from bot.settings import LimitSettings
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.values import LocalText
from bot.workflows.model.workflow import Workflow
from cogs.help.view import Help, examples, help_view

ENGLISH, CHINESE = LANGUAGES["en"], LANGUAGES["zh-CN"]
CHARACTERS = 1500
"""What can be read on a phone without getting lost."""


def a_workflow(name: str, *parameters: str, **changes: Any) -> Workflow:
    there = {each: Parameter(name=each, type=ParameterType.TEXT, default="") for each in parameters}
    return Workflow(
        name=name, parameters=there, title=LocalText({"en": name.title(), "zh-CN": "图"}), **changes
    )


def text(page: Help, language: Language) -> str:
    return "\n".join(
        part["content"]
        for box in help_view(page, language).to_components()
        for part in box["components"]
        if "content" in part
    )


@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=lambda each: each.code)
def test_rules_and_many_workflows_fit_a_phone(language: Language) -> None:
    many = [
        a_workflow(f"flow-{number}", "prompt", description=LocalText({"en": "What it makes " * 20}))
        for number in range(30)
    ]
    limits = LimitSettings(jobs_per_user=1, daily=1000, cooldown=90, pixels=1_500_000)
    page = Help(
        workflows=many,
        elsewhere=2,
        commands={"flow-1": "portrait"},
        limits=limits,
        blocked_words=True,
        paused=True,
        going_on=Who.OWNER,
    )
    said = text(page, language)
    assert len(said) < CHARACTERS
    assert "`/portrait`" in said
    assert language.n("One more: `/workflows list`", "{n} more: `/workflows list`", 24) in said
    assert language.t("Some words are not allowed; I say which when they come up") in said
    assert language.duration(90) in said
    assert ("150万像素" if language.code == "zh-CN" else "1.5M pixels") in said
    nothing = text(Help(workflows=[], commands={}, limits=limits), language)
    assert "```" not in nothing


def test_examples_are_in_words_the_model_reads() -> None:
    usual, english = a_workflow("txt2img", "prompt"), a_workflow("flux", "prompt", prompt_languages=("en",))
    change = a_workflow("img2img", "prompt", "image")
    first, second, third = examples([usual, change, english], CHINESE)
    assert first == "/画图 提示词:暴风雨中的灯塔，油画"
    assert second == "/生成 提示词:a lighthouse in a storm, oil painting 工作流:flux"
    assert third.startswith("/画图 提示词:同样的画面")
    assert third.endswith(" 图片:")
    assert examples([a_workflow("upscale", "image")], ENGLISH) == []
