"""Settings typed as name=value."""

import pytest

from bot.errors import UserError
from bot.ui.forms.extras import LONGEST, parse_extra, typed, written
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.workflow import Workflow
from tests.linear import seconds

NEWLINES = "\n" * 24
WORKFLOW = Workflow(
    name="w",
    parameters={
        name: Parameter(name=name, type=kind)
        for name, kind in {
            "steps": ParameterType.INTEGER,
            "cfg": ParameterType.NUMBER,
            "tiling": ParameterType.BOOLEAN,
            "style": ParameterType.TEXT,
            "image": ParameterType.IMAGE,
        }.items()
    },
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        (" , ;\n", {}),
        ("steps=20", {"steps": "20"}),
        ("steps = 20, cfg=7.5", {"steps": "20", "cfg": "7.5"}),
        ("style=a, b and c, steps=3", {"style": "a, b and c", "steps": "3"}),
        ("Style=x\nsteps=3", {"style": "x", "steps": "3"}),
        ("lora=a:0.8, b:0.5, steps=3", {"lora": "a:0.8, b:0.5", "steps": "3"}),
        ("a: 1; b: 2", {"a": "1", "b": "2"}),
        ("a=1 ,\n; b=2 c=3", {"a": "1", "b": "2 c=3"}),
        ("a=1\r\nb=2\t\n", {"a": "1", "b": "2"}),
        ("prompt=one, two\n\nthree, b-c = 4", {"prompt": "one, two\n\nthree", "b-c": "4"}),
        (f"a=1{NEWLINES}!", {"a": f"1{NEWLINES}!"}),
    ],
)
def test_reading(text: str, found: dict[str, str]) -> None:
    assert parse_extra(text) == found


@pytest.mark.parametrize(
    "unit", ["\n", ",", " ", "; ", "a", "a ", ",a", "\n-", "a=", "a=1,", "lora=a:1,b:2,"]
)
@pytest.mark.parametrize("end", ["!", "=", ""])
def test_nothing_that_is_typed_takes_long_to_read(unit: str, end: str) -> None:
    text = "a=1" + (unit * LONGEST)[: LONGEST - 5] + end
    assert seconds(lambda: parse_extra(text)) < 0.05


def test_settings_that_are_too_long_are_refused() -> None:
    with pytest.raises(UserError, match="too long"):
        parse_extra("a=" + "x" * LONGEST)


def test_what_is_no_setting_is_named() -> None:
    with pytest.raises(UserError, match="just words"):
        parse_extra("just words")


def test_values_get_the_types_of_the_workflow() -> None:
    values = typed(
        WORKFLOW, {"steps": "20", "cfg": "7", "tiling": "yes", "style": "12", "unknown": "1"}, guild_id=1
    )
    assert values == {"steps": 20, "cfg": 7.0, "tiling": True, "style": "12", "unknown": "1"}


@pytest.mark.parametrize(("name", "text"), [("steps", "many"), ("cfg", "high"), ("tiling", "perhaps")])
def test_a_value_of_the_wrong_type_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(UserError, match=name) as refusal:
        typed(WORKFLOW, {name: text}, guild_id=1)
    assert text in str(refusal.value)


def test_what_is_written_can_be_read_again() -> None:
    values = {"steps": 20, "cfg": 7.5, "tiling": False, "style": "ink, wash"}
    assert typed(WORKFLOW, parse_extra(written(values)), guild_id=1) == values


@pytest.mark.parametrize("text", ["cat.png", "discord-1/cat.png", "i-masked (1).png"])
def test_a_file_uploaded_from_here_can_be_named(text: str) -> None:
    assert typed(WORKFLOW, {"image": text}, guild_id=1) == {"image": f"discord-1/{text.rpartition('/')[2]}"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "discord-2/cat.png",
        "discord-1/../discord-2/cat.png",
        "discord-1\\..\\cat.png",
        "../cat.png",
        "/etc/passwd",
        "C:cat.png",
        "txt2img_00001_.png [output]",
        "discord-1/cat.png[temp] ",
        "cat\0.png",
    ],
)
@pytest.mark.parametrize("guild_id", [1, None])
def test_nobody_elses_file_can_be_named(text: str, guild_id: int | None) -> None:
    with pytest.raises(UserError, match="attach a file"):
        typed(WORKFLOW, {"image": text}, guild_id=guild_id)
