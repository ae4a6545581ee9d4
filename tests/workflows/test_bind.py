from copy import deepcopy
from random import Random
from typing import Any

import pytest

from bot.errors import UserError
from bot.workflows import BindLimits, ObjectInfo, Workflow, bind, draw_seed
from tests.workflows.made import LIMITS, basic, node, server, shipped, with_files, with_loras, workflow

GIVEN = {"prompt": "a cat"}


def bound(made: Workflow, info: ObjectInfo | None = None, limits: BindLimits = LIMITS, **values: Any):
    given = GIVEN | values if made.takes("prompt") else values
    return bind(made, given, info or server(), limits=limits)


def refusal(
    made: Workflow, info: ObjectInfo | None = None, limits: BindLimits = LIMITS, **values: Any
) -> str:
    with pytest.raises(UserError) as caught:
        bound(made, info, limits, **values)
    return str(caught.value)


def test_values_stand_in_a_fresh_graph_and_the_template_stays():
    made = workflow(basic())
    before = deepcopy(made.graph)
    result = bound(made, seed=0, steps=12, cfg=3, sampler="ddim", negative_prompt="")
    inputs = result.graph["5"]["inputs"]
    assert (inputs["seed"], inputs["steps"], inputs["cfg"], inputs["sampler_name"]) == (0, 12, 3.0, "ddim")
    assert result.graph["2"]["inputs"]["text"] == "a cat"
    assert result.graph["3"]["inputs"]["text"] == ""
    assert made.graph == before
    assert result.graph["5"] is not made.graph["5"]
    assert result.values["seed"] == 0
    assert result.values["width"] == 512


@pytest.mark.parametrize(
    ("name", "value", "stands"),
    [
        ("steps", "12", 12), ("steps", 12.0, 12), ("cfg", "3,5", 3.5), ("cfg", 4, 4.0),
        ("seed", 2**64 - 1, 2**64 - 1), ("seed", str(2**64 - 2), 2**64 - 2), ("seed", 0, 0),
        ("sampler", "EULER", "euler"), ("width", 515, 512), ("width", 520.0, 520), ("denoise", 0, 0.0),
        ("model", "SD_XL_base_1.0", "sd_xl_base_1.0.safetensors"), ("prompt", 12, "12"),
    ],
)  # fmt: skip
def test_what_fits_is_taken(name: str, value: Any, stands: Any):
    made = workflow(basic())
    result = bound(made, **{name: value})
    node_id, input_ = made.parameters[name].targets[0]
    assert result.graph[node_id]["inputs"][input_] == result.values[name] == stands
    assert type(result.values[name]) is type(stands)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"steps": "many"}, "steps must be a whole number from 1 to 60."),
        ({"steps": 2.5}, "steps must be a whole number from 1 to 60."),
        ({"steps": True}, "steps must be a whole number from 1 to 60."),
        ({"steps": 0}, "steps must be from 1 to 60."),
        ({"steps": 61}, "steps must be from 1 to 60."),
        ({"steps": 999}, "steps must be from 1 to 60."),
        ({"batch": 5}, "batch must be from 1 to 4."),
        ({"cfg": "x"}, "cfg must be a number from 0 to 100."),
        ({"cfg": float("nan")}, "cfg must be a number from 0 to 100."),
        ({"denoise": 1.5}, "denoise must be from 0 to 1."),
        ({"seed": -1}, "seed must be from 0 to 18446744073709551615."),
        ({"seed": 2**64}, "seed must be from 0 to 18446744073709551615."),
        ({"prompt": "  "}, "made needs prompt: please give it."),
        ({"prompt": True}, "prompt must be a text."),
        ({"width": 8}, "width must be from 16 to 16384."),
        ({"width": 2048, "height": 2048}, "2048 × 2048 is too large: at most 2200000 pixels in all, such as 1480 × 1480."),
        ({"sampler": "magic"}, "sampler cannot be magic. It can be one of: euler, euler_ancestral"),
        ({"model": "dreamy_v9"}, "model cannot be dreamy_v9. It can be one of: dreamy_v8.safetensors"),
        ({"aspect": "5:4"}, "aspect can be one of: 1:1, 2:3, 3:2, 3:4, 4:3, 9:16, 16:9."),
        ({"aspect": "1:1", "width": 512, "height": 512}, "Give either aspect or width and height, not both."),
        ({"step": 3}, "made does not take step; did you mean steps? It takes: prompt, negative_prompt"),
        ({"qqqqqq": 3}, "made does not take qqqqqq. It takes: prompt"),
        ({"lora": "detail:99"}, "The strength of a LoRA is a number from -10 to 10"),
        ({"lora": "detail:strong"}, "The strength of a LoRA is a number from -10 to 10, such as name:0.8."),
        ({"lora": "detial"}, "no LoRA called detial. It has: "),
        ({"lora": "Zzzzqx"}, "no LoRA called Zzzzqx. It has: "),
        ({"lora": ",".join("abcdefghijk")}, "lora takes at most 10 LoRAs"),
    ],
    ids=str,
)  # fmt: skip
def test_refusals_name_the_parameter_and_what_is_possible(values: dict[str, Any], says: str):
    assert says in refusal(workflow(basic()), **values)


def test_a_required_prompt_is_asked_for():
    with pytest.raises(UserError, match="made needs prompt"):
        bind(workflow(basic()), {}, server(), limits=LIMITS)


def test_files_are_asked_for_by_kind_and_their_names_checked():
    made = shipped("inpaint")
    assert "inpaint needs a picture: attach one as image." in refusal(made, mask="m.png")
    assert "inpaint needs a mask" in refusal(made, image="i.png")
    for name in ("../secret.png", "/etc/passwd", "", "a/../b.png", "C:\\x.png", "a\nb.png"):
        assert "The file for image has a name that cannot be used." in refusal(made, image=name, mask="m.png")
    result = bound(made, image="bot/i.png", mask="m.png [input]")
    assert result.graph["4"]["inputs"]["image"] == "bot/i.png"
    assert result.graph["6"]["inputs"] == {"image": "m.png [input]", "channel": "red"}


def test_many_choices_are_counted_and_the_near_ones_named():
    info = with_files(
        "CheckpointLoaderSimple", "ckpt_name", *(f"model_{i:02}.safetensors" for i in range(40))
    )
    made = workflow(basic(), "[parameters.model]\ndefault = 'auto'", info)
    said = refusal(made, info, model="modell_07")
    assert "Near it: model_07.safetensors" in said
    assert "There are 40 to choose from" in said
    assert "such as: model_00" in refusal(made, info, model="☃☃☃")


# --- aspect and size


@pytest.mark.parametrize(
    ("aspect", "size"),
    [("1:1", (1024, 1024)), ("2:3", (832, 1248)), ("3:2", (1248, 832)), ("3:4", (880, 1184)), ("4:3", (1184, 880)),
     ("9:16", (768, 1360)), ("16:9", (1360, 768))],
)  # fmt: skip
def test_aspect_keeps_the_number_of_pixels_in_steps_of_sixteen(aspect: str, size: tuple[int, int]):
    values = bound(shipped("txt2img"), aspect=aspect).values
    assert (values["width"], values["height"]) == size
    assert abs(size[0] * size[1] - 1024 * 1024) < 0.03 * 1024 * 1024
    assert "aspect" not in values


def test_aspect_with_one_side_given_makes_the_other():
    assert bound(shipped("txt2img"), aspect="16:9", width=1280).values["height"] == 720
    assert bound(shipped("txt2img"), aspect="2:3", height=768).values["width"] == 512


def test_aspect_fills_every_place_of_the_size():
    graph = bound(shipped("flux"), aspect="16:9").graph
    assert graph["6"]["inputs"]["width"] == graph["7"]["inputs"]["width"] == 1360


def test_aspect_stays_under_the_cap_and_in_the_models_steps():
    values = bound(shipped("flux"), limits=BindLimits(pixels=500_000), aspect="16:9").values
    assert int(values["width"]) * int(values["height"]) <= 500_000
    assert int(values["width"]) % 16 == 0


def test_a_workflow_without_size_takes_no_aspect():
    assert "img2img does not take aspect" in refusal(shipped("img2img"), image="x.png", aspect="1:1")


def test_a_default_above_the_caps_is_brought_under_them():
    graph = basic()
    graph["5"]["inputs"]["steps"] = 100
    graph["4"]["inputs"] |= {"width": 4096, "height": 2048, "batch_size": 9}
    values = bound(workflow(graph)).values
    assert (values["steps"], values["batch"]) == (60, 4)
    assert int(values["width"]) * int(values["height"]) <= 2_200_000
    assert int(values["width"]) / int(values["height"]) == pytest.approx(2, rel=0.02)


def test_a_manifest_may_raise_the_caps():
    made = workflow(basic(), "[limits]\nsteps = 200\npixels = 5000000\ncount = 8")
    values = bound(made, steps=150, width=2048, height=2048, batch=8).values
    assert (values["steps"], values["width"], values["batch"]) == (150, 2048, 8)


def test_what_follows_steps_and_size_moves_with_them():
    graph = basic()
    common = {key: value for key, value in graph["5"]["inputs"].items() if key not in {"seed", "denoise"}}
    graph["5"] = node(
        "KSamplerAdvanced", **common, noise_seed=1, add_noise="enable", start_at_step=0, end_at_step=10
    )
    graph["20"] = node(
        "LatentUpscale", samples=["5", 0], upscale_method="bislerp", width=1024, height=1536, crop="disabled"
    )
    second = {**common, "latent_image": ["20", 0]}
    graph["21"] = node(
        "KSamplerAdvanced", **second, noise_seed=1, add_noise="disable", start_at_step=10, end_at_step=10000
    )
    graph["6"]["inputs"]["samples"] = ["21", 0]
    result = bound(workflow(graph), steps=40, aspect="1:1").graph
    assert (result["5"]["inputs"]["end_at_step"], result["21"]["inputs"]["start_at_step"]) == (20, 20)
    assert result["21"]["inputs"]["end_at_step"] == 10000
    assert result["20"]["inputs"]["width"] == result["20"]["inputs"]["height"]


# --- models


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


# --- LoRAs


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


# --- masks


def test_a_mask_for_a_picture_whose_transparency_was_the_mask_is_loaded_apart():
    graph = basic(
        n4=node("InpaintModelConditioning", positive=["2", 0], negative=["3", 0], vae=["1", 2], pixels=["20", 0],
                mask=["20", 1], noise_mask=True),
        n20=node("LoadImage", image="example.png"),
    )  # fmt: skip
    graph["5"]["inputs"] |= {"positive": ["4", 0], "negative": ["4", 1], "latent_image": ["4", 2]}
    made = workflow(graph)
    own = bound(made, image="i.png").graph
    assert own["4"]["inputs"]["mask"] == ["20", 1]
    assert own["20"]["inputs"]["image"] == "i.png"
    given = bound(made, image="i.png", mask="m.png").graph
    assert given["20"]["inputs"]["image"] == "i.png"
    loader = given[given["4"]["inputs"]["mask"][0]]
    assert loader["class_type"] == "LoadImageMask"
    assert loader["inputs"] == {"image": "m.png", "channel": "red"}


# --- manifest values


def test_choices_by_label_fixed_values_and_defaults():
    toml = """
        [parameters.style]
        node = "Not these"
        input = "text"
        choices = { "film" = "35mm film", "studio" = "studio light" }
        default = "film"
        [parameters.cfg]
        fixed = 3.5
        [parameters.steps]
        default = 30
        maximum = 40
    """
    made = workflow(basic(), toml)
    assert made.enabled
    result = bound(made)
    assert result.graph["3"]["inputs"]["text"] == "35mm film"
    assert result.graph["5"]["inputs"]["cfg"] == 3.5
    assert result.graph["5"]["inputs"]["steps"] == 30
    assert bound(made, style="Studio").graph["3"]["inputs"]["text"] == "studio light"
    assert "style cannot be noir. It can be one of: film, studio." in refusal(made, style="noir")
    assert "made does not take cfg" in refusal(made, cfg=3)
    assert "steps must be from 1 to 40." in refusal(made, steps=41)


def test_booleans_and_open_bounds():
    toml = """
        [parameters.noise]
        node = "InpaintModelConditioning"
        input = "noise_mask"
    """
    made = workflow(dict(shipped("inpaint").graph), toml)
    for value, stands in (("yes", True), ("off", False), (True, True)):
        assert bound(made, image="i", mask="m", noise=value).graph["7"]["inputs"]["noise_mask"] is stands
    assert "noise can be yes or no." in refusal(made, image="i", mask="m", noise="perhaps")


def test_drawn_seeds_can_be_typed_again():
    random = Random(3)
    drawn = [draw_seed(random) for _ in range(100)]
    assert all(0 <= seed < 2**53 for seed in drawn)
    assert len(set(drawn)) == 100


@pytest.mark.parametrize("name", ["txt2img", "img2img", "inpaint", "flux", "wan-video"])
def test_what_was_bound_can_be_bound_again(name: str):
    made = shipped(name)
    given: dict[str, Any] = {
        "image": "i.png",
        "mask": "m.png",
        "aspect": "2:3",
        "lora": "detail:0.4, watercolor",
    }
    first = bound(made, **{key: value for key, value in given.items() if made.takes(key)})
    assert bind(made, first.values, server(), limits=LIMITS) == first


def test_a_saver_without_a_name_gets_the_workflows():
    graph = basic(n7=node("SaveImage", images=["6", 0], filename_prefix=""))
    assert bound(workflow(graph)).graph["7"]["inputs"]["filename_prefix"] == "made"
    assert bound(workflow(basic())).graph["7"]["inputs"]["filename_prefix"] == "x"


def test_a_mask_loader_reads_what_is_white():
    graph = dict(shipped("inpaint").graph)
    graph["6"] = node("LoadImageMask", image="example.png", channel="alpha")
    assert bound(workflow(graph), image="i", mask="m").graph["6"]["inputs"] == {
        "image": "m",
        "channel": "red",
    }


def test_numbers_without_bounds_and_open_ones():
    toml = """
        [parameters.level]
        node = "Odd"
        input = "level"
        [parameters.count]
        node = "Odd"
        input = "count"
    """
    graph = basic(
        n7=node("SaveImage", "Save", images=["6", 0], filename_prefix="x"), n9=node("Odd", level=0.5, count=3)
    )
    graph["7"]["inputs"]["level"] = ["9", 0]
    for bounds, value, says in (
        ("", "x", "level must be a number."),
        ("minimum = 1", 0, "level must be at least 1."),
        ("maximum = 2", 3, "level can be at most 2."),
    ):
        made = workflow(graph, toml.replace('input = "level"', f'input = "level"\n{bounds}'), name="odd")
        with pytest.raises(UserError) as caught:
            bind(made, GIVEN | {"level": value}, None, limits=LIMITS)
        assert str(caught.value) == says
    with pytest.raises(UserError, match=r"count must be a whole number\."):
        bind(workflow(graph, toml), GIVEN | {"count": "x"}, None, limits=LIMITS)


@pytest.mark.parametrize(
    ("kind", "says"),
    [("video", "made needs a video"), ("audio", "made needs a sound file")],
    ids=["video", "audio"],
)
def test_videos_and_sounds_are_asked_for(kind: str, says: str):
    graph = basic(
        n20=node("LoadAudio", audio="song.mp3"), n21=node("SaveAudio", audio=["20", 0], filename_prefix="a"),
        n22=node("LoadVideo", file="clip.mp4"), n23=node("SaveVideo", video=["22", 0], filename_prefix="v", format="auto", codec="auto"),
    )  # fmt: skip
    made = workflow(graph)
    others: dict[str, Any] = {name: "x.bin" for name in ("audio", "video") if name != kind}
    assert says in refusal(made, **others)
    given = GIVEN | others | {kind: "y.bin"}
    assert bind(made, given, server(), limits=LIMITS).values[kind] == "y.bin"
