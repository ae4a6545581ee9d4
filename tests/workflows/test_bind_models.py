"""Model files and LoRAs in a bound graph: chosen, missing, moved, chained on and taken out."""

from typing import Any

import pytest

from bot.workflows import ObjectInfo, bind
from tests.workflows.binding.binding import GIVEN, bound, refusal
from tests.workflows.made import LIMITS, basic, server, shipped, with_files, with_loras, workflow


def test_auto_takes_the_graphs_own_file_where_the_server_has_it():
    assert bound(shipped("txt2img")).values["model"] == "sd_xl_base_1.0.safetensors"


def test_auto_prefers_a_plain_checkpoint_and_inpainting_one_for_inpaint():
    info = with_files(
        "CheckpointLoaderSimple",
        "ckpt_name",
        "a_refiner.safetensors",
        "b_inpainting.safetensors",
        "c.safetensors",
    )
    assert bound(shipped("txt2img", info), info).values["model"] == "c.safetensors"
    assert bound(shipped("txt2img", info), info, model="AUTO").values["model"] == "c.safetensors"
    made = shipped("inpaint", info)
    assert bound(made, info, image="i.png", mask="m.png").values["model"] == "b_inpainting.safetensors"


def test_auto_with_patterns_takes_only_what_is_like_them():
    info = with_files("UNETLoader", "unet_name", "other.safetensors", "x/flux1-dev-fp8.safetensors")
    assert bound(shipped("flux", info), info).values["model"] == "x/flux1-dev-fp8.safetensors"
    info = with_files("UNETLoader", "unet_name", "other.safetensors")
    assert "flux needs a file for model like *flux1-dev.*" in refusal(shipped("flux", info), info)
    info = with_files("UNETLoader", "unet_name")
    assert "flux needs a file for model, and the server has none." in refusal(shipped("flux", info), info)


def test_auto_without_a_servers_word_keeps_the_file():
    assert bind(shipped("flux"), GIVEN, None, limits=LIMITS).values["model"] == "flux1-dev.safetensors"


def test_a_file_the_server_lacks_is_named_and_others_offered():
    info = with_files("CheckpointLoaderSimple", "ckpt_name", "sub/dreamy_v7.safetensors")
    made = workflow(basic(), info=info)
    said = refusal(made, info)
    assert "made needs dreamy_v8.safetensors, which the server does not have." in said
    assert "such as: sub/dreamy_v7.safetensors" in said
    result = bound(made, info, model="dreamy_v7")
    assert result.graph["1"]["inputs"]["ckpt_name"] == "sub/dreamy_v7.safetensors"


def test_a_file_that_moved_to_a_folder_is_found():
    info = with_files("CheckpointLoaderSimple", "ckpt_name", "sdxl\\Dreamy_v8.safetensors")
    assert bound(workflow(basic(), info=info), info).values["model"] == "sdxl\\Dreamy_v8.safetensors"


def model_path(graph: dict[str, Any], of: str = "5") -> list[tuple[str, float]]:
    """What the sampler's model comes through, nearest first, checked to be the text's way too."""
    path: list[tuple[str, float]] = []
    link = graph[of]["inputs"]["model"]
    while "lora_name" in graph[link[0]]["inputs"]:
        inputs = graph[link[0]]["inputs"]
        path.append((inputs["lora_name"], inputs["strength_model"]))
        assert "clip" not in inputs or inputs["clip"][0] == inputs["model"][0]
        link = inputs["model"]
    return path


def test_loras_left_as_they_are_when_nobody_picks():
    result = bound(workflow(with_loras("detail.safetensors")))
    assert model_path(result.graph) == [("detail.safetensors", 0.7)]
    assert result.values["lora"] == "detail.safetensors:0.7"


def test_a_lora_the_server_lacks_is_taken_out_when_nobody_picks():
    made = workflow(with_loras("gone.safetensors", "detail.safetensors", "gone2.safetensors"))
    assert made.enabled
    result = bound(made)
    assert model_path(result.graph) == [("detail.safetensors", 0.7)]
    assert result.graph["2"]["inputs"]["clip"] == ["L2", 1]
    assert result.graph["L2"]["inputs"]["model"] == ["1", 0]
    assert "L1" not in result.graph
    assert "L3" not in result.graph


def test_picked_loras_fill_the_loaders_and_spare_ones_go():
    result = bound(workflow(with_loras("detail.safetensors", "pixel-art.safetensors")), lora="ink_wash:0.5")
    assert model_path(result.graph) == [("anime/Ink_Wash.safetensors", 0.5)]
    assert result.graph["3"]["inputs"]["clip"] == ["L1", 1]
    assert result.values["lora"] == "anime/Ink_Wash.safetensors:0.5"


def test_more_loras_than_loaders_are_chained_on():
    result = bound(workflow(with_loras("detail.safetensors")), lora="detail:0.5, watercolor:0.4, pixel-art")
    assert model_path(result.graph) == [
        ("pixel-art.safetensors", 1.0), ("watercolor.safetensors", 0.4), ("detail.safetensors", 0.5),
    ]  # fmt: skip
    assert result.graph["2"]["inputs"]["clip"] == result.graph["3"]["inputs"]["clip"]
    assert result.graph["2"]["inputs"]["clip"][0] == result.graph["5"]["inputs"]["model"][0]


def test_none_takes_all_loaders_out():
    result = bound(workflow(with_loras("detail.safetensors", "pixel-art.safetensors")), lora="none")
    assert model_path(result.graph) == []
    assert result.graph["2"]["inputs"]["clip"] == ["1", 1]
    assert result.values["lora"] == ""


def test_strength_for_all_loras_without_one_of_their_own():
    result = bound(
        workflow(with_loras("detail.safetensors")), lora="detail:0.2, watercolor", lora_strength=0.9
    )
    assert model_path(result.graph) == [("watercolor.safetensors", 0.9), ("detail.safetensors", 0.2)]
    result = bound(workflow(with_loras("detail.safetensors")), lora_strength=0.3)
    assert model_path(result.graph) == [("detail.safetensors", 0.3)]


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_graph_without_loader_gets_one_behind_the_checkpoint(known: bool):
    made = workflow(basic())
    result = bind(made, GIVEN | {"lora": "detail.safetensors:0.6, watercolor.safetensors"},
                  server() if known else None, limits=LIMITS)  # fmt: skip
    assert model_path(result.graph) == [("watercolor.safetensors", 1.0), ("detail.safetensors", 0.6)]
    assert result.graph["6"]["inputs"]["vae"] == ["1", 2]


def test_a_diffusion_model_gets_the_loader_for_models_only():
    graph = bound(shipped("flux"), lora="detail:0.6").graph
    new = next(key for key, each in graph.items() if "lora_name" in each["inputs"])
    assert graph[new]["class_type"] == "LoraLoaderModelOnly"
    assert graph["6"]["inputs"]["model"] == [new, 0]
    assert graph[new]["inputs"]["model"] == ["1", 0]


def test_without_any_lora_on_the_server():
    info = with_files("LoraLoader", "lora_name")
    raw = dict(info.raw)
    raw["LoraLoaderModelOnly"] = raw["LoraLoader"]
    info = ObjectInfo(raw)
    assert "The server has no LoRAs" in refusal(workflow(basic(), info=info), info, lora="x")
