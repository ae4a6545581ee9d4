"""LoRAs where node packs keep them: filled, switched on and off, emptied, unplugged."""

from typing import Any

from bot.workflows import bind
from tests.workflows.made import LIMITS, basic, node
from tests.workflows.packs import EFFICIENT, WRAPPER, filled, made, server


def stacked() -> dict[str, Any]:
    graph = basic(
        n20=node("Stack", switch_1="On", lora_name_1="detail.safetensors", model_weight_1=0.8, clip_weight_1=0.8,
                 switch_2="Off", lora_name_2="None", model_weight_2=1.0, clip_weight_2=1.0),
        n21=node("Apply Stack", model=["1", 0], clip=["1", 1], lora_stack=["20", 0]),
    )  # fmt: skip
    graph["5"]["inputs"]["model"] = ["21", 0]
    graph["2"]["inputs"]["clip"] = graph["3"]["inputs"]["clip"] = ["21", 1]
    return graph


def in_one() -> dict[str, Any]:
    graph = basic(
        n20=node("Loras In One", model=["1", 0], clip=["1", 1], lora_01="detail.safetensors", strength_01=0.8,
                 lora_02="None", strength_02=1.0),
    )  # fmt: skip
    graph["5"]["inputs"]["model"] = ["20", 0]
    graph["2"]["inputs"]["clip"] = graph["3"]["inputs"]["clip"] = ["20", 1]
    return graph


def by_lines() -> dict[str, Any]:
    graph = basic(
        n20=node("Power Lora Loader", model=["1", 0], clip=["1", 1],
                 lora_1={"on": True, "lora": "detail.safetensors", "strength": 0.8}),
    )  # fmt: skip
    graph["5"]["inputs"]["model"] = ["20", 0]
    return graph


def test_a_stack_is_filled_switched_on_emptied_and_taken_off():
    work = made(stacked())
    assert bind(work, {"prompt": "x"}, server(), limits=LIMITS).values["lora"] == "detail.safetensors:0.8"
    two = filled(work, lora="ink:0.5:0.25, detail")["20"]["inputs"]
    assert (two["lora_name_1"], two["model_weight_1"], two["clip_weight_1"]) == ("ink.safetensors", 0.5, 0.25)
    assert (two["lora_name_2"], two["switch_2"]) == ("detail.safetensors", "On")
    none = filled(work, lora="none")
    assert "20" not in none
    assert "lora_stack" not in none["21"]["inputs"]
    one = filled(work, lora="ink")["20"]["inputs"]
    assert one["lora_name_2"] == "None"


def test_more_than_a_stack_holds_are_loaded_behind_the_model():
    graph = filled(made(stacked()), lora="ink, detail, ink:0.2")
    extra = next(key for key, each in graph.items() if each["class_type"] == "LoraLoader")
    assert graph["21"]["inputs"]["model"] == [extra, 0]
    assert graph[extra]["inputs"]["strength_model"] == 0.2


def test_a_loader_of_several_keeps_one_and_goes_when_none_is_left():
    one = filled(made(in_one()), lora="ink:0.4")["20"]["inputs"]
    assert (one["lora_01"], one["strength_01"], one["lora_02"]) == ("ink.safetensors", 0.4, "None")
    none = filled(made(in_one()), lora="none")
    assert "20" not in none
    assert none["5"]["inputs"]["model"] == ["1", 0]
    assert none["2"]["inputs"]["clip"] == ["1", 1]


def test_a_loader_that_grows_by_lines():
    work = made(by_lines())
    two = filled(work, lora="ink:0.4, detail:0.3")["20"]["inputs"]
    assert two["lora_1"] == {"on": True, "lora": "ink.safetensors", "strength": 0.4}
    assert two["lora_2"] == {"on": True, "lora": "detail.safetensors", "strength": 0.3}
    assert filled(work, lora="none")["20"]["inputs"]["lora_1"]["on"] is False
    assert filled(work)["20"]["inputs"]["lora_1"]["on"] is True


def test_a_loader_that_is_also_the_models_is_only_emptied():
    work = made(EFFICIENT)
    assert filled(work, lora="ink:0.4")["1"]["inputs"]["lora_name"] == "ink.safetensors"
    assert filled(work, lora="none")["1"]["inputs"]["lora_name"] == "None"


def test_an_optional_lora_of_a_pack_with_own_types_is_unplugged():
    assert "lora" not in filled(made(WRAPPER), lora="none")["1"]["inputs"]
    assert filled(made(WRAPPER), lora="ink:0.3")["2"]["inputs"] == {
        "lora": "ink.safetensors",
        "strength": 0.3,
    }


def test_bound_again_the_values_give_the_same_graph():
    for graph in (stacked(), in_one(), by_lines(), EFFICIENT, WRAPPER):
        work = made(graph)
        first = bind(work, {"prompt": "x", "lora": "ink:0.4:0.2, detail:0.3"[: 11 if graph is EFFICIENT else 99]},
                     server(), limits=LIMITS)  # fmt: skip
        assert bind(work, first.values, server(), limits=LIMITS).graph == first.graph
