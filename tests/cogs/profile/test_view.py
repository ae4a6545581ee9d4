"""Somebody's settings as drawn, and the form of their defaults: what is counted, and what the fields are called."""

import pytest

from bot.i18n import LANGUAGES
from bot.users.profile import Defaults, Profile, Usage
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.workflow import Workflow
from cogs.profile.defaults_form import defaults_form
from cogs.profile.view import ProfilePage, forget_view, profile_view
from tests.cogs.drawn import parts, text

TAKEN = {
    "model": ParameterType.MODEL,
    "negative_prompt": ParameterType.TEXT,
    "width": ParameterType.INTEGER,
    "height": ParameterType.INTEGER,
}
WORKFLOW = Workflow(
    name="w", parameters={name: Parameter(name=name, type=kind) for name, kind in TAKEN.items()}
)


@pytest.mark.parametrize(
    ("code", "today", "daily", "said"),
    [
        ("en", 1, 0, "2 jobs so far · 1 of 3 jobs waiting or running · one picture today"),
        ("en", 8, 0, "2 jobs so far · 1 of 3 jobs waiting or running · 8 pictures today"),
        ("en", 8, 20, "2 jobs so far · 1 of 3 jobs waiting or running · 8 of 20 pictures today"),
        ("zh-CN", 8, 0, "至今 2 个任务 · 1/3 个任务在排队或进行中 · 今天 8 张"),
        ("zh-CN", 8, 20, "至今 2 个任务 · 1/3 个任务在排队或进行中 · 今天已用 8 张，共 20 张"),
    ],
)
def test_jobs_and_pictures_are_told_apart(code: str, today: int, daily: int, said: str) -> None:
    usage = Usage(jobs=2, today=today)
    page = ProfilePage(
        profile=Profile(), usage=usage, workflows=(), titles={}, active=1, at_once=3, daily=daily
    )
    assert said in text(profile_view(page, LANGUAGES[code]))


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("en", ["Model", "Picture size", "Negative prompt", "Who sees it"]),
        ("zh-CN", ["模型", "画面尺寸", "反向提示词", "谁能看到"]),
    ],
)
def test_the_fields_of_the_defaults_are_called_as_the_settings_of_a_job(code: str, called: list[str]) -> None:
    form = defaults_form(WORKFLOW, Defaults(), ("a.safetensors",), LANGUAGES[code], 1)
    assert [field["label"] for field in form.to_dict()["components"]] == called


def test_whoever_does_not_want_to_be_forgotten_reads_what_the_other_button_does() -> None:
    buttons = [part["label"] for part in parts(forget_view(3, LANGUAGES["zh-CN"])) if "label" in part]
    assert buttons == ["全部保留", "全部忘记"]
