"""A prompt in a script that a model does not read is told by its letters."""

import pytest

from bot.workflows.model.workflow import Workflow
from bot.workflows.prompts.writing_systems import reads, script_of, unread


@pytest.mark.parametrize(
    ("languages", "text", "foreign"),
    [
        (["en"], "a fox in the snow", False),
        (["en"], "雪地里的一只狐狸", True),
        (["en"], "a shop with the sign 狐", False),
        (["en"], "ein Füchslein, café, naïve", False),
        (["en"], "лиса в снегу", True),
        (["en"], "きつね", True),
        (["en"], "여우", True),
        (["en"], "🦊 (1girl:1.2), 8k!!", False),
        (["en"], "12345 …", False),
        (["en"], "", False),
        (["en", "zh"], "雪地里的一只狐狸", False),
        (["zh-CN"], "一只 fox", False),
        (["zh"], "きつね", True),
        (["ja"], "雪の中のきつね", False),
        (["ko"], "눈 속의 여우", False),
        (["ru"], "лиса", False),
        (["tlh"], "лиса", True),
        ([], "лиса", False),
    ],
)
def test_scripts_are_read_or_not(languages: list[str], text: str, foreign: bool) -> None:
    assert unread(languages, text) is foreign
    assert reads(Workflow(name="x", prompt_languages=tuple(languages)), text) is not foreign


def test_letters_belong_to_scripts_and_signs_to_none() -> None:
    assert [script_of(each) for each in "aÉ狐ー１、"] == ["Latn", "Latn", "Hani", "Kana", None, None]
