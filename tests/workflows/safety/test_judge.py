"""What is asked before a stranger's workflow runs: by pack, class, input and value, and what never has to be."""

import json
import time
from collections.abc import Collection
from typing import Any

import pytest

from bot.errors import UserError
from bot.workflows import GraphError, ObjectInfo, Workflow, bind
from bot.workflows.graph.graph import check_graph
from bot.workflows.library.library import build
from bot.workflows.library.manifest import read_manifest
from bot.workflows.library.sources import Source, read_bytes
from bot.workflows.model.approvals import Approval, Question, Trust, approval_of
from tests.workflows.made import LIMITS, SHARED, basic, node
from tests.workflows.strangers import CORE, PACK, WORD, klass, raw

INFO = ObjectInfo(raw(), "one:8188")


def made(
    graph: dict[str, Any],
    toml: str = "",
    allowed: Collection[str] = (),
    approvals: Collection[Approval] = (),
    info: ObjectInfo | None = INFO,
) -> Workflow:
    source = Source("made", check_graph(graph), read_manifest(toml.encode(), "made.toml"))
    return build(source, info, Trust(tuple(allowed), frozenset(approvals)))


def shown(class_type: str, **inputs: Any) -> dict[str, Any]:
    """A sound graph with one more node that runs."""
    return basic(n20=node(class_type, "It", **inputs), n21=node("PreviewAny", source=["20", 0]))


def asked(work: Workflow) -> list[tuple[str, str, str]]:
    return [(each.pack, each.class_type, each.input) for each in work.questions]


def errors(work: Workflow) -> list[str]:
    return [each.text for each in work.faults]


# --- wrapping


def test_a_wrapped_value_is_judged_like_a_bare_one():
    wrapped = made(shown("Runner", code={"__value__": "import os"}))
    assert wrapped.graph["20"]["inputs"]["code"] == "import os"
    assert asked(wrapped) == [("pack", "Runner", "code")]
    assert not wrapped.enabled
    assert all(each.startswith("needs approval") for each in errors(wrapped))
    with pytest.raises(UserError, match="needs approval"):
        bind(wrapped, {"prompt": "x"}, INFO, limits=LIMITS)


@pytest.mark.parametrize("slot", [0.0, 0.5, True])
def test_a_node_behind_a_link_that_only_comfyui_follows_is_refused(slot: float):
    graph = basic(n20=node("Runner", code="import os"))
    graph["7"]["inputs"]["made_up"] = ["20", slot]
    with pytest.raises(GraphError, match="link in disguise"):
        made(graph)


@pytest.mark.parametrize(
    "value",
    [
        {"__value__": {"__value__": "import os"}},
        {"__value__": [{"__value__": "x"}]},
        {"a": {"__value__": "x"}},
        [{"__value__": "x"}, 1],
        {"__value__": ["20", 0]},
        {"__value__": ["20", 0.0], "more": 1},
    ],
    ids=str,
)
def test_what_is_wrapped_again_and_links_in_disguise_are_refused(value: Any):
    with pytest.raises(GraphError, match="wrapped more than once"):
        check_graph(shown("Runner", code=value))
    drawn = {
        "nodes": [{"id": 1, "type": "Runner", "mode": 0, "inputs": [], "widgets_values": [value]}],
        "links": [],
    }
    info = ObjectInfo(raw(Runner=klass("STRING", code=WORD, saves=True)))
    found = build(read_bytes("x.json", json.dumps(drawn).encode()), info)
    assert not found.enabled
    assert found.faults


def test_a_list_stays_wrapped_as_comfyui_wants_it():
    graph = check_graph(basic(n20=node("Choosing", way={"__value__": ["fast", "slow", "fast"], "x": 1})))
    assert graph["20"]["inputs"]["way"] == {"__value__": ["fast", "slow", "fast"]}


# --- values


@pytest.mark.parametrize(
    "name", ["function", "formula", "template", "query", "link", "host", "repo_id", "token", "value"]
)
def test_texts_in_a_packs_inputs_are_asked_about_whatever_they_are_called(name: str):
    work = made(shown("Tool", **{name: "anything"}))
    assert asked(work) == [("pack", "Tool", name)]
    assert errors(work)[0].startswith("needs approval")
    assert "anything" in errors(work)[0]


def test_choices_numbers_switches_defaults_and_nothing_are_harmless():
    graph = shown("Choosing", way="slow", mode="b", deep=True, size=7, like="the usual")
    assert made(graph).enabled
    graph["20"]["inputs"] |= {"like": "", "size": "7"}
    assert made(graph).enabled


@pytest.mark.parametrize(
    "inputs",
    [
        {"way": "__import__('os')"},
        {"like": "another"},
        {"more": "x"},
        {"like": ["a", "b", "c"]},
        {"like": {"a": "b"}},
    ],
    ids=str,
)
def test_everything_else_in_a_packs_class_is_asked_about(inputs: dict[str, Any]):
    work = made(shown("Choosing", **inputs))
    assert asked(work) == [("pack", "Choosing", next(iter(inputs)))]


def test_a_prompt_that_discovery_found_is_harmless_and_members_fill_it():
    work = made(basic(n2=node("Encode", text="a fox", clip=["1", 1])))
    assert work.enabled
    assert work.parameters["prompt"].targets == (("2", "text"),)
    assert (
        bind(work, {"prompt": "import os"}, INFO, limits=LIMITS).graph["2"]["inputs"]["text"] == "import os"
    )


def test_what_only_looks_like_a_prompt_is_not():
    work = made(basic(n2=node("Encode Formula", formula="a fox", clip=["1", 1])))
    assert asked(work) == [("pack", "Encode Formula", "formula")]
    assert "prompt" not in work.parameters


def test_what_somebody_has_reviewed_is_harmless_in_that_pack_alone():
    graph = shown("StringConstant", string="anything")
    assert made(graph).enabled
    stranger = ObjectInfo(raw(StringConstant=klass("STRING", string=WORD)))
    assert asked(made(graph, info=stranger)) == [("pack", "StringConstant", "string")]


@pytest.mark.parametrize(
    ("prefix", "fine"),
    [("film", True), ("sub/%date:yyyy%_x", True), ("x.py", False), ("a" * 400, False)],
)
def test_names_of_files_to_write_are_harmless_while_they_are_plain(prefix: str, fine: bool):
    work = made(basic(n20=node("Saving", images=["6", 0], filename_prefix=prefix, note="")))
    assert work.enabled is fine


def test_a_choice_that_brings_other_inputs_hides_no_text():
    options = [
        {"key": "plain", "inputs": {"required": {"x": ["INT", {}]}}},
        {"key": "worse", "inputs": {"required": {"x": ["STRING", {}]}}},
    ]
    info = ObjectInfo(raw(Growing=klass("STRING", way=["COMFY_DYNAMICCOMBO_V3", {"options": options}])))
    graph = shown("Growing", **{"way": "worse", "way.x": "import os"})
    assert asked(made(graph, info=info)) == [("pack", "Growing", "way.x")]
    graph["20"]["inputs"]["way.x"] = 5
    assert made(graph, info=info).enabled


def test_names_that_lead_out_are_refused_though_a_server_lists_others():
    info = ObjectInfo(raw(LoadLatent=klass("LATENT", module="nodes", latent=[["a.latent"], {}])))
    graph = shown("LoadLatent", latent="../../../x.latent")
    assert any("leads out of ComfyUI's folders" in each for each in errors(made(graph, info=info)))
    assert made(shown("LoadLatent", latent="a.latent"), info=info).enabled


# --- what ComfyUI's own classes do


@pytest.mark.parametrize(
    ("class_type", "inputs"),
    [
        ("RegexMatch", {"string": "x", "regex_pattern": "(a+)+$"}),
        ("RegexExtract", {"string": "x", "regex_pattern": "a"}),
        ("RegexReplace", {"string": "x", "regex_pattern": "(a|a)*b", "replace": ""}),
        ("GLSLShader", {"fragment_shader": "void main() { while (true) {} }"}),
        ("ComfyMathExpression", {"expression": "9**9**9"}),
        ("ComfyMathExpression", {"expression": "().__class__"}),
        ("ComfyMathExpression", {"expression": "1 << 99999"}),
        ("ComfyMathExpression", {"expression": "open('x')"}),
        ("StringFormat", {"f_string": "{a:>999999999}"}),
        ("StringFormat", {"f_string": "{a.__class__}"}),
    ],
)
def test_what_evaluates_is_asked_about_in_comfyuis_own_classes_too(class_type: str, inputs: dict[str, Any]):
    work = made(shown(class_type, **inputs))
    assert [each[:2] for each in asked(work)] == [("ComfyUI", class_type)]
    assert "runs code" in errors(work)[0]


@pytest.mark.parametrize(
    ("class_type", "inputs"),
    [
        ("GLSLShader", {"fragment_shader": "main"}),
        ("ComfyMathExpression", {"expression": "max(4, (int(a) // 16) * 16)"}),
        ("ComfyMathExpression", {"expression": "a & -8"}),
        ("StringFormat", {"f_string": "{a} and {b}: 5"}),
        ("StringReplace", {"string": "a", "find": "import os", "replace": "../../etc"}),
    ],
)
def test_defaults_arithmetic_and_plain_texts_are_not(class_type: str, inputs: dict[str, Any]):
    assert made(shown(class_type, **inputs)).enabled


@pytest.mark.parametrize(
    ("class_type", "name"),
    [("RegexMatch", "regex_pattern"), ("GLSLShader", "fragment_shader"), ("SaveImage", "filename_prefix"),
     ("SaveLoRA", "prefix"), ("SaveImageDataSetToFolder", "folder_name")],
)  # fmt: skip
def test_what_evaluates_or_names_files_is_no_parameter(class_type: str, name: str):
    graph = basic(n20=node(class_type, "$mine", **{name: "x"}), n21=node("PreviewAny", source=["20", 0]))
    assert "mine" not in made(graph).parameters
    toml = f'[parameters.mine]\nnode = "20"\ninput = "{name}"'.replace('"20"', f'"{class_type}"')
    if class_type != "SaveImage":
        graph["20"].pop("_meta")
    else:
        toml = toml.replace('"SaveImage"', '"$mine"')
    told = made(graph, toml)
    assert any(each.startswith("needs approval: made.toml, line 1") for each in errors(told))
    typed = [approval_of(each, "one:8188", typed=True) for each in told.questions]
    assert "mine" in made(graph, toml, approvals=typed).parameters


def test_a_class_of_comfyuis_name_in_a_pack_is_the_packs():
    graph = shown("StringConcatenate", string_a="import os", string_b="x", delimiter="")
    assert made(graph).enabled
    theirs = ObjectInfo(
        raw(StringConcatenate=CORE["StringConcatenate"] | {"python_module": "custom_nodes.evil"})
    )
    assert ("evil", "StringConcatenate", "string_a") in asked(made(graph, info=theirs))


def test_a_class_that_says_it_is_comfyuis_but_is_none_we_know_is_asked_about():
    info = ObjectInfo(raw(Innocent=klass("STRING", module="comfy_extras.nodes_string", string=WORD)))
    assert asked(made(shown("Innocent", string="x"), info=info)) == [
        ("comfy_extras.nodes_string", "Innocent", "string")
    ]


# --- what comes in by links


def test_a_text_is_judged_where_it_arrives():
    graph = shown("Runner", code=["22", 0]) | {"22": node("PrimitiveString", value="import os")}
    (question,) = made(graph).questions
    assert (question.class_type, question.input, question.shown) == ("Runner", "code", "import os")
    graph["22"] = node("ComfySwitchNode", switch=True, on_true=["23", 0], on_false=["24", 0])
    graph |= {"23": node("PrimitiveString", value="rm -rf"), "24": node("PrimitiveString", value="fine")}
    (question,) = made(graph).questions
    assert question.shown == "rm -rf"


@pytest.mark.parametrize(
    "maker",
    [
        {"22": node("StringReplace", "Maker", string="", find="", replace="import os")},
        {"22": node("StringConcatenate", "Maker", string_a="impo", string_b="rt os", delimiter="")},
        {"22": node("Any Switch", "Maker", any_01=["23", 0]), "23": node("PrimitiveString", value="import os")},
        {"22": node("ComfySwitchNode", "Maker", switch=["24", 0], on_true=["23", 0], on_false=["23", 0]),
         "23": node("PrimitiveString", value="import os"), "24": node("Choosing", way="fast")},
    ],
)  # fmt: skip
def test_a_text_made_on_the_way_is_asked_about_as_what_makes_it(maker: dict[str, Any]):
    graph = shown("Runner", code=["22", 0]) | maker
    work = made(graph)
    (question,) = [each for each in work.questions if each.class_type == "Runner"]
    assert question.shown == "→ Maker"
    others = [approval_of(each, "one:8188", typed=False) for each in work.questions]
    assert made(graph, approvals=others).enabled
    changed = json.loads(json.dumps(graph).replace("os", "subprocess"))
    assert not made(changed, approvals=others).enabled


def test_pictures_and_models_that_come_in_are_no_texts():
    graph = basic(n20=node("Saving", images=["22", 0], filename_prefix="x", note=""))
    graph["22"] = node("Any Switch", any_01=["6", 0])
    assert made(graph).enabled


def test_what_members_type_does_not_reach_a_packs_input_unasked():
    graph = basic(n20=node("Runner", code=["22", 0]), n21=node("PreviewAny", source=["20", 0]))
    graph["22"] = node("PrimitiveString", value="a fox")
    graph["2"]["inputs"]["text"] = ["22", 0]
    work = made(graph)
    (question,) = work.questions
    assert (question.class_type, question.typed) == ("Runner", True)
    once = [approval_of(question, "one:8188", typed=False)]
    assert not made(graph, approvals=once).enabled, "letting in one value does not let in what is typed"
    typed = made(graph, approvals=[approval_of(question, "one:8188", typed=True)])
    assert typed.enabled
    assert (
        bind(typed, {"prompt": "print(1)"}, INFO, limits=LIMITS).graph["22"]["inputs"]["value"] == "print(1)"
    )


@pytest.mark.parametrize(
    "more",
    [
        {"select": 1, "input1": ["1", 0], "input2": ["20", 0]},
        {"switch": True, "on_true": ["6", 0], "on_false": ["20", 0]},
        {"nowhere": ["20", 0]},
    ],
    ids=str,
)
def test_nothing_hides_behind_links_that_a_class_does_not_have(more: dict[str, Any]):
    graph = basic(n20=node("Runner", code="import os"))
    graph["7"]["inputs"] |= more
    assert asked(made(graph)) == [("pack", "Runner", "code")]


# --- what the file says of itself


@pytest.mark.parametrize(
    "toml",
    [
        '[parameters.prompt]\nnode = "It"\ninput = "formula"',
        '[parameters.prompt]\nnode = "It"\ninput = "formula"\nmultiline = true\ndefault = "x"',
        '[parameters.mine]\nnode = "It"\ninput = "formula"\nfixed = "evil"',
        '[parameters.mine]\nnode = "It"\ninput = "formula"\nchoices = ["evil", "worse"]\ndefault = "evil"',
    ],
)
def test_a_manifest_approves_nothing(toml: str):
    work = made(shown("Tool", formula="", link=""), toml)
    assert ("pack", "Tool", "formula") in asked(work)
    assert not work.enabled


@pytest.mark.parametrize("title", ["$prompt", "$prompt.formula", "input:prompt", "$mine"])
def test_a_title_approves_nothing(title: str):
    graph = shown("Tool", formula="evil")
    graph["20"]["_meta"] = {"title": title}
    work = made(graph)
    assert asked(work) == [("pack", "Tool", "formula")]
    assert ("20", "formula") not in {place for each in work.parameters.values() for place in each.targets}


# --- decisions


def one_question() -> tuple[dict[str, Any], Question]:
    graph = shown("Tool", formula="a * 2")
    (question,) = made(graph).questions
    return graph, question


def test_one_value_is_let_in_on_one_server_for_one_pack():
    graph, question = one_question()
    once = [approval_of(question, "one:8188", typed=False)]
    assert made(graph, approvals=once).enabled
    assert not made(shown("Tool", formula="a * 3"), approvals=once).enabled, "another value"
    assert not made(shown("Tool", query="a * 2"), approvals=once).enabled, "another input"
    assert not made(graph, approvals=once, info=ObjectInfo(raw(), "two:8188")).enabled, "another server"
    other = ObjectInfo(raw(Tool=PACK["Tool"] | {"python_module": "custom_nodes.other"}), "one:8188")
    assert not made(graph, approvals=once, info=other).enabled, "another pack"
    graph["20"]["_meta"] = {"title": "$amount"}
    assert "amount" not in made(graph, approvals=once).parameters, "nobody may type there"


def test_members_may_type_where_that_was_allowed():
    graph, question = one_question()
    graph["20"]["_meta"] = {"title": "$amount"}
    typed = [approval_of(question, "one:8188", typed=True)]
    work = made(graph, approvals=typed)
    assert work.enabled
    assert (
        bind(work, {"prompt": "x", "amount": "b"}, INFO, limits=LIMITS).graph["20"]["inputs"]["formula"]
        == "b"
    )
    other = ObjectInfo(raw(), "two:8188")
    with pytest.raises(UserError, match="needs approval"):
        bind(work, {"prompt": "x", "amount": "b"}, other, limits=LIMITS)


@pytest.mark.parametrize(
    ("pattern", "fine", "typed"),
    [
        ("Tool", True, False), ("To*", True, False), ("Tool.formula", True, False), ("pack/Tool.formula", True, False),
        ("pack/Tool", True, False), ("Tool.query", False, False), ("other/Tool", False, False),
        ("*", True, False), ("*Tool*", True, False), ("*/Tool*", True, False),
        ("members:Tool.formula", True, True), ("members:pack/Tool.*", True, True), ("members:other/*", False, False),
        ("members:*", True, True), ("members:*/Tool.*", True, True),
    ],
)  # fmt: skip
def test_the_setting_says_the_same(pattern: str, fine: bool, typed: bool):
    graph = shown("Tool", formula="a * 2")
    graph["20"]["_meta"] = {"title": "$amount"}
    work = made(graph, allowed=(pattern,))
    assert work.enabled is fine
    assert ("amount" in work.parameters) is typed


def test_the_same_thing_is_asked_once():
    graph = basic()
    for number in range(20, 60):
        graph[str(number)] = node("Tool", formula="a * 2", query="x")
        graph[str(number + 100)] = node("PreviewAny", source=[str(number), 0])
    assert asked(made(graph)) == [("pack", "Tool", "formula"), ("pack", "Tool", "query")]


# --- size


def test_long_ways_take_no_time():
    graph = basic()
    last: Any = "import os"
    for number in range(100, 4000):
        graph[str(number)] = node("StringConcatenate", string_a=last, string_b="x", delimiter="")
        last = [str(number), 0]
    for number in range(4000, 4900):
        graph[str(number)] = node("Runner", code=last)
        graph[f"{number}p"] = node("PreviewAny", source=[str(number), 0])
        del graph[f"{number}p"]
        last = [str(number), 0]
    graph["4999"] = node("PreviewAny", source=last)
    began = time.process_time()
    work = made(graph)
    assert not work.enabled
    assert time.process_time() - began < 8


# --- real packs


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
def test_few_classes_of_real_packs_ask_with_what_they_start_from():
    classes: dict[str, Any] = json.loads((SHARED / "object_info.packs.json").read_text("utf-8"))
    info = ObjectInfo(classes)
    asking: list[str] = []
    theirs = [name for name, each in classes.items() if str(each["python_module"]).startswith("custom_nodes")]
    for name in theirs:
        schema = info.node(name)
        assert schema is not None
        inputs: dict[str, Any] = {
            each.name: each.default for each in schema.inputs.values() if each.default is not None
        }
        work = made({"1": node(name, **inputs), "2": node("PreviewAny", source=["1", 0])}, info=info)
        asking += [name] if work.questions else []
    assert len(theirs) == 1896
    assert sorted(asking) == [
        "True Random.org Number Generator", "easy joyCaption2API", "easy joyCaption3API"
    ]  # fmt: skip


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
def test_workflows_of_people_and_official_templates_ask_for_nothing_but_money():
    classes: dict[str, Any] = json.loads((SHARED / "object_info.2026.json").read_text("utf-8"))
    asking: dict[str, list[tuple[str, str, str]]] = {}
    for file in sorted((SHARED / "import-cases-2").glob("*.json")):
        if file.name.endswith(".object_info.json"):
            continue
        more = file.with_suffix(".object_info.json")
        info = ObjectInfo(classes | (json.loads(more.read_text("utf-8")) if more.is_file() else {}))
        asking[file.name] = asked(build(read_bytes(file.name, file.read_bytes()), info))
    for file in sorted((SHARED / "workflow-pairs").glob("*.api.json")):
        name = "object_info.v3.json" if "@v3" in file.name else "object_info.models.json"
        work = build(read_bytes(file.name, file.read_bytes()), told(name))
        asking[file.name] = [key for key in asked(work) if key[2]]
    assert len(asking) > 200
    assert {name: keys for name, keys in asking.items() if keys} == {}


def told(name: str, known: dict[str, ObjectInfo] = {}) -> ObjectInfo:  # noqa: B006 - read once
    if name not in known:
        known[name] = ObjectInfo(json.loads((SHARED / name).read_text("utf-8")))
    return known[name]
