import pytest

from bot.workflows import ParameterType, read_manifest
from bot.workflows.model.problem import Severity
from tests.workflows.made import basic, workflow


def told(toml: str) -> list[str]:
    return [each.text for each in read_manifest(toml.encode(), "x.toml").problems]


def test_a_full_manifest_is_read():
    read = read_manifest(
        """
        title = { en = "Portrait", zh-CN = "人像" }
        description = "A studio portrait"
        output = "Save"
        nsfw = true
        command = "portrait"
        prompt_languages = ["en"]
        roles = ["10:artist", 123]
        cost = 2
        timeout = 900
        [limits]
        count = 2
        pixels = 3000000
        steps = 80
        [parameters.prompt]
        description = { en = "Who" }
        """.encode(),
        "x.toml",
    )
    assert read.problems == ()
    made = workflow(basic(), read.text)
    assert made.title.in_("zh-HK") == "人像"
    assert str(made.description) == "A studio portrait"
    assert (made.nsfw, made.command, made.cost, made.timeout) == (True, "portrait", 2, 900)
    assert made.roles == ("10:artist", 123)
    assert (made.limits.count, made.limits.pixels, made.limits.steps) == (2, 3_000_000, 80)
    assert made.output_title == "Save"
    assert str(made.parameters["prompt"].description) == "Who"
    assert made.parameters["prompt"].required


def test_a_role_by_its_name_alone_is_told_with_the_remedy() -> None:
    read = read_manifest(b'nsfw = true\nroles = ["VIP", "10:VIP", "123", 7]', "x.toml")
    made = workflow(basic(), read.text)
    (told,) = [each for each in made.problems if "role" in each.text]
    assert told.severity is Severity.WARNING
    assert "line 2: the role VIP" in told.text
    assert '"123456789012345678:VIP"' in told.text


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("title = ", "x.toml is not valid TOML"),
        ("\ntitel = 'x'", "x.toml, line 2: unknown key titel; did you mean title?"),
        ("zzzzzzz = 1", "x.toml, line 1: unknown key zzzzzzz; there are: title, description"),
        ("title = 3", "x.toml, line 1: title: write a text, or one for each language"),
        ("title = { x9 = 'a' }", "x.toml, line 1: title: write a text"),
        ("nsfw = 'maybe'", "x.toml, line 1: nsfw: Input should be a valid boolean"),
        ("command = 'Not Valid'", "x.toml, line 1: command: String should match pattern"),
        ("[limits]\n\nstep = 3", "x.toml, line 3: unknown key limits.step; did you mean steps?"),
        ("[limits]\nsteps = 0", "x.toml, line 2: limits.steps: Input should be greater than or equal to 1"),
        (
            "[parameters.steps]\nminimun = 3",
            "line 2: unknown key parameters.steps.minimun; did you mean minimum?",
        ),
        (
            "[parameters.style]\nchoices = []",
            "line 2: parameters.style.choices: every choice must be a text or a number",
        ),
        ("[parameters.style]\nchoices = 3", "line 2: parameters.style.choices: write a list"),
        (
            "[parameters.style]\ntype = 'colour'",
            "line 2: parameters.style.type: Input should be 'text', 'integer'",
        ),
        ("[parameters.Style]\ndefault = 1", "parameters.Style"),
        ("parameters = 3", "x.toml, line 1: parameters: Input should be a valid dictionary"),
        ("cost = -1", "x.toml, line 1: cost: Input should be greater than or equal to 0"),
        ("timeout = nan", "x.toml, line 1: timeout"),
    ],
    ids=str,
)
def test_mistakes_are_told_with_line_and_remedy(toml: str, says: str):
    assert any(says in each for each in told(toml)), told(toml)


def test_bytes_that_are_no_text():
    assert "not text in UTF-8" in read_manifest(b"\xff\xfe\x00", "x.toml").problems[0].text
    assert "too large" in read_manifest(b"#" * 300_000, "x.toml").problems[0].text


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("output = 'Sav'", "line 1: no node has the title or class Sav; the graph's outputs are: Save."),
        ("output = ['Words']", "line 1: the node Words saves or shows nothing"),
        ("[parameters.style]\ndefault = 'x'", "line 1: style was not found in the graph; say where it is"),
        (
            "[parameters.style]\nnode = 'Nope'\ninput = 'x'",
            "line 2: style: no node has the title or class Nope",
        ),
        ("[parameters.style]\nnode = '5'\ninput = 'steps'", "style: no node has the title or class 5"),
        ("[parameters.style]\nnode = 'CLIPTextEncode'\ninput = 'text'", "2 nodes are called CLIPTextEncode"),
        ("[parameters.style]\nnode = 'Words'\ninput = 'clip'", "the input clip of Words is linked"),
        ("[parameters.style]\nnode = 'Words'\ninput = 'txt'", "Words has no input txt; it has: text."),
        ("[parameters.style]\nnode = 'KSampler'", "KSampler has no input –; it has: seed"),
        ("[parameters.steps]\nminimum = 9\nmaximum = 3", "line 3: maximum of steps does not fit"),
        ("[parameters.steps]\ndefault = 'many'", "line 2: default of steps does not fit"),
        ("[parameters.prompt]\nchoices = ['a']\ndefault = 'b'", "default of prompt does not fit"),
    ],
    ids=str,
)
def test_what_does_not_fit_the_graph_disables_it_and_says_why(toml: str, says: str):
    made = workflow(basic(), toml)
    assert not made.enabled
    assert any(says in each for each in made.needs), made.needs


def test_a_new_parameter_takes_its_place_from_the_discovered_one():
    made = workflow(basic(), "[parameters.unwanted]\nnode = 'Not these'\ninput = 'text'\ntitle = 'Unwanted'")
    assert "negative_prompt" not in made.parameters
    assert made.parameters["unwanted"].targets == (("3", "text"),)
    assert made.parameters["unwanted"].type is ParameterType.TEXT
    assert str(made.parameters["unwanted"].title) == "Unwanted"


def test_several_nodes_and_typed_new_parameters():
    made = workflow(
        basic(),
        """
        [parameters.prompt]
        nodes = [["Words", "text"], ["Not these", "text"]]
        [parameters.rounds]
        node = "KSampler"
        input = "steps"
        [parameters.seed]
        hidden = true
        [parameters.way]
        node = "KSampler"
        input = "scheduler"
        group = "advanced"
        """,
    )
    assert made.enabled
    assert made.parameters["prompt"].targets == (("2", "text"), ("3", "text"))
    assert made.parameters["rounds"].targets == (("5", "steps"),)
    assert made.parameters["way"].type is ParameterType.CHOICE
    assert made.parameters["way"].group == "advanced"
    assert "seed" not in made.accepted
    assert made.takes("seed")
    assert "aspect" in made.accepted


def test_a_default_makes_a_required_one_optional():
    assert not workflow(basic(), "[parameters.prompt]\ndefault = 'a fox'").parameters["prompt"].required
