"""What slash command a workflow gets of its own, and which of them Discord takes."""

from dataclasses import replace

import pytest

from bot.workflows import Severity, Workflow
from bot.workflows.commands.naming import option_names
from bot.workflows.commands.own_command import own_command
from bot.workflows.commands.own_commands import BUILT_IN, MOST_CHARACTERS, own_commands
from bot.workflows.model.options import OptionKind, OwnCommand
from bot.workflows.model.parameter import Choice, Parameter, ParameterType
from bot.workflows.model.problem import fault
from bot.workflows.model.values import LocalText, english
from tests.workflows.made import shipped

T = ParameterType


def made(*parameters: Parameter, command: str | None = "portrait", name: str = "made") -> Workflow:
    # A graph, so that it counts as one that could be read.
    graph = {"1": {"class_type": "X", "inputs": {}}}
    return Workflow(
        name=name,
        title=LocalText({"en": "Portrait", "zh-CN": "人像 大师"}),
        graph=graph,
        command=command,
        parameters={each.name: each for each in parameters},
    )


def planned(*parameters: Parameter, command: str = "portrait") -> OwnCommand:
    own = own_command(made(*parameters, command=command))
    assert own is not None
    return own


def test_exactly_the_parameters_and_how_to_make_them() -> None:
    own = own_command(replace(shipped("txt2img"), command="paint"))
    assert own is not None
    assert " ".join(option.name for option in own.options) == (
        "prompt negative_prompt aspect seed steps model lora cfg sampler scheduler width height batch "
        "count private priority"
    )
    assert own.names == {"zh-CN": "文生图", "zh-TW": "文生圖"}
    steps = next(option for option in own.options if option.name == "steps")
    assert (steps.kind, steps.minimum, steps.maximum) == (OptionKind.INTEGER, 1, 150)
    assert steps.names == {"zh-CN": "步数", "zh-TW": "步數"}
    assert next(option for option in own.options if option.name == "model").suggested
    assert next(option for option in own.options if option.name == "seed").maximum == 2**53 - 1


@pytest.mark.parametrize(
    ("parameter", "kind", "bounds"),
    [
        (Parameter(name="t", type=T.TEXT), OptionKind.TEXT, (1, 4000)),
        (Parameter(name="m", type=T.MODEL), OptionKind.TEXT, (1, 300)),
        (
            Parameter(name="n", type=T.INTEGER, minimum=0, maximum=2**64 - 1),
            OptionKind.INTEGER,
            (0, 2**53 - 1),
        ),
        (Parameter(name="n", type=T.INTEGER, minimum=0.5, maximum=9.5), OptionKind.INTEGER, (1, 9)),
        (Parameter(name="n", type=T.INTEGER, minimum=2**60), OptionKind.INTEGER, (2**53 - 1, None)),
        (Parameter(name="x", type=T.NUMBER, minimum=-1e30, maximum=2), OptionKind.NUMBER, (-(2**53 - 1), 2)),
        (Parameter(name="b", type=T.BOOLEAN), OptionKind.BOOLEAN, (None, None)),
        (Parameter(name="i", type=T.IMAGE), OptionKind.FILE, (None, None)),
        (Parameter(name="a", type=T.AUDIO), OptionKind.FILE, (None, None)),
    ],
)
def test_what_an_option_takes(
    parameter: Parameter, kind: OptionKind, bounds: tuple[float | None, float | None]
) -> None:
    option = planned(parameter).options[0]
    assert (option.kind, option.minimum, option.maximum) == (kind, *bounds)


def test_few_choices_are_shown_and_many_are_suggested() -> None:
    long = "studio light, " * 20
    few = Parameter(
        name="style",
        type=T.CHOICE,
        choices=(Choice("35mm", LocalText({"en": "film", "zh-CN": "胶片"})), Choice(long, english("studio"))),
        closed=True,
    )
    option = planned(few).options[0]
    assert [(each.label, each.value, dict(each.labels)) for each in option.choices] == [
        ("film", "35mm", {"zh-CN": "胶片"}),
        ("studio", "studio", {}),  # its value is too long to be sent
    ]
    many = Parameter(
        name="style", type=T.CHOICE, choices=tuple(Choice(f"s{number}", LocalText()) for number in range(26))
    )
    option = planned(many).options[0]
    assert option.choices == ()
    assert option.suggested
    numbers = Parameter(
        name="size",
        type=T.INTEGER,
        choices=(Choice(1, english("one")), Choice(2, english("two"))),
        closed=True,
    )
    assert [each.value for each in planned(numbers).options[0].choices] == [1, 2]


def test_required_ones_come_first_and_hidden_and_fixed_ones_not_at_all() -> None:
    own = planned(
        Parameter(name="steps", type=T.INTEGER),
        Parameter(name="secret", type=T.TEXT, hidden=True),
        Parameter(name="style", type=T.TEXT, fixed="x"),
        Parameter(name="image", type=T.IMAGE, required=True),
    )
    assert [option.name for option in own.options] == ["image", "steps", "count", "private", "priority"]


@pytest.mark.parametrize(
    ("prompt", "required"),
    [
        (Parameter(name="prompt", type=T.TEXT, required=True, default="a cat"), True),
        (Parameter(name="prompt", type=T.TEXT, default=""), True),
        (Parameter(name="prompt", type=T.TEXT, default=" \n"), True),
        (Parameter(name="prompt", type=T.TEXT, default="a cat"), False),
    ],
)
def test_a_prompt_is_required_where_the_workflow_cannot_do_without(prompt: Parameter, required: bool) -> None:
    own = planned(Parameter(name="image", type=T.IMAGE, required=True), prompt)
    by_name = {option.name: option.required for option in own.options}
    assert by_name["prompt"] is required
    assert not by_name["image"], "a form can ask for it"
    assert [option.name for option in own.options][:2] == (
        ["prompt", "image"] if required else ["image", "prompt"]
    )


def test_names_are_made_lawful_and_differ_in_every_language() -> None:
    own = planned(
        Parameter(name="a", type=T.TEXT, title=LocalText({"en": "A", "zh-CN": "光 线！"})),
        Parameter(name="b", type=T.TEXT, title=LocalText({"en": "B", "zh-CN": "光_线"})),
        Parameter(name="Weird Name!", type=T.TEXT),
        Parameter(name="weird_name", type=T.TEXT),
        Parameter(name="x" * 40, type=T.TEXT),
        Parameter(name="!!!", type=T.TEXT),
        Parameter(name="count", type=T.INTEGER, minimum=7, maximum=9),
    )
    named = {option.parameter: (option.name, dict(option.names)) for option in own.options}
    assert named["a"] == ("a", {"zh-CN": "光_线"})
    assert named["b"] == ("b", {})
    assert named["Weird Name!"][0] == "weird_name"
    assert named["weird_name"][0] == "weird_name_2"
    assert named["x" * 40][0] == "x" * 32
    assert named["!!!"][0] == "option"
    # A workflow's own parameter goes before ours of that name.
    assert [option.minimum for option in own.options if option.name == "count"] == [7]
    assert own.names == {"zh-CN": "人像_大师"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Big Hair ", "big_hair"),
        ("Größe", "größe"),
        ("人像", "人像"),
        ("—", ""),
        ("A/B:c", "a_b_c"),
        ("İ", "i"),
    ],
)
def test_any_text_becomes_a_name_or_nothing(text: str, name: str) -> None:
    assert option_names(text) == name


def test_more_than_25_go_under_extra() -> None:
    own = planned(*(Parameter(name=f"p{number}", type=T.INTEGER) for number in range(40)))
    assert len(own.options) == 25
    assert [option.name for option in own.options[-4:]] == ["count", "private", "priority", "extra"]
    assert own.left[0] == "p21"
    assert len(own.left) == 19
    found = own_commands([made(*(Parameter(name=f"p{number}", type=T.INTEGER) for number in range(40)))])
    (problem,) = found.problems["made"]
    assert problem.severity is Severity.NOTE
    assert "p21, p22" in problem.text


def test_what_discord_would_refuse_is_left_out_and_told() -> None:
    wordy = tuple(
        Parameter(name=f"p{number}", type=T.CHOICE, closed=True,
                  choices=tuple(Choice(f"{each}" * 40, english("v" * 60 + str(each))) for each in range(10, 30)))
        for number in range(5)
    )  # fmt: skip
    workflows = [
        made(name="a", command="portrait"),
        made(name="b", command="portrait"),
        made(name="c", command="queue"),
        made(*wordy, name="d", command="wordy"),
        made(name="e", command=None),
        *(made(name=f"n{number:03}", command=f"n{number:03}") for number in range(100)),
    ]
    found = own_commands(reversed(workflows))
    assert "a" in found.commands
    assert "belongs to the workflow a" in found.problems["b"][0].text
    assert "/queue is a command of the bot itself" in found.problems["c"][0].text
    assert f"of the {MOST_CHARACTERS} characters" in found.problems["d"][0].text
    assert len(found.commands) + len(BUILT_IN) == 100
    assert "100 commands in all" in found.problems["n099"][0].text
    assert all(each.severity is Severity.WARNING for problems in found.problems.values() for each in problems)
    # One translated name for all of them would not be lawful either.
    assert [own.names for own in found.commands.values() if own.names] == [{"zh-CN": "人像_大师"}]


def test_a_disabled_workflow_keeps_the_command_it_is_known_by() -> None:
    whole = shipped("txt2img")
    whole = replace(whole, command="paint")
    known = own_commands([whole]).commands
    broken = Workflow(name="txt2img", problems=whole.problems)  # nothing of it could be read
    assert own_commands([broken], known).commands == {}
    unreadable = replace(broken, problems=(fault("{file} is not JSON.", file="txt2img.json"),))
    assert own_commands([unreadable], known).commands == known
    lacking = replace(whole, parameters={}, problems=(fault("{model} is not there.", model="x"),))
    assert own_commands([lacking], known).commands == known
    mistyped = replace(whole, command=None, problems=(fault("{file} is not TOML.", file="txt2img.toml"),))
    assert own_commands([mistyped], known).commands == known
    assert own_commands([replace(whole, command=None)], known).commands == {}
    assert own_commands([replace(lacking, command=None)], known).commands == {}
    assert own_commands([], known).commands == {}
