"""Values put into the graph of a workflow: what fits is taken, what does not is refused with what is possible."""

from copy import deepcopy
from random import Random
from typing import Any

import pytest

from bot.errors import UserError
from bot.i18n import language_for
from bot.workflows import bind, draw_seed
from tests.workflows.binding.binding import GIVEN, bound, refusal
from tests.workflows.made import LIMITS, basic, node, server, shipped, with_files, workflow


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
    assert "Similar: model_07.safetensors" in said
    assert "There are 40 to choose from" in said
    assert "such as: model_00" in refusal(made, info, model="☃☃☃")


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


def test_what_is_not_taken_is_called_as_the_option_is_where_the_person_is():
    with pytest.raises(UserError) as refused:
        bind(workflow(basic()), {"prompt": "a fox", "image2": "x.png"}, server(), limits=LIMITS)
    assert "made 不接受“图片2”" in language_for("zh-CN").error(refused.value)
