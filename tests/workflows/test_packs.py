"""Graphs as the community makes them, with the node packs it uses: found by flags and links, filled and relinked."""

from typing import Any

import pytest

from bot.errors import UserError
from bot.workflows import Workflow, bind
from tests.workflows.made import LIMITS, basic, node, workflow
from tests.workflows.packs import (
    EASY,
    EFFICIENT,
    FLOAT,
    SEED,
    SET,
    TEXT,
    WRAPPER,
    filled,
    having,
    made,
    takes,
)


def context() -> dict[str, Any]:
    graph = basic(
        n20=node(
            "Context", model=["1", 0], clip=["1", 1], positive=["2", 0], negative=["3", 0], latent=["4", 0]
        ),
        n21=node("Context", base_ctx=["20", 0]),
    )
    graph["5"]["inputs"] |= {
        "model": ["21", 1], "positive": ["21", 3], "negative": ["21", 4], "latent_image": ["21", 5],
    }  # fmt: skip
    return graph


def detailed() -> dict[str, Any]:
    common = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "vae": ["1", 2]}
    return basic(
        n20=node("UltimateSDUpscale", image=["6", 0], **common, upscale_model=["22", 0], upscale_by=2.0,
                 **(SET | {"denoise": 0.2, "seed": 9}), tile_width=512, tile_height=512),
        n21=node("FaceDetailer", image=["20", 0], clip=["1", 1], guide_size=512.0,
                 **common, **(SET | {"denoise": 0.5, "seed": 10}), wildcard=""),
        n22=node("UpscaleModelLoader", model_name="4x.pth"),
        n7=node("SaveImage", images=["21", 0], filename_prefix="x"),
    )  # fmt: skip


def wild() -> dict[str, Any]:
    return basic(
        n2=node("Advanced Encode", text=["20", 0], clip=["1", 1], token_normalization="none"),
        n20=node(
            "Wildcards", wildcard_text="a {red|blue} fox", populated_text="a red fox", mode="populate", seed=1
        ),
    )


def switched(graph: dict[str, Any] | None = None, **switch: Any) -> dict[str, Any]:
    changed = graph or basic()
    changed["30"] = node("CLIPTextEncode", text="another", clip=["1", 1])
    changed["31"] = node("Index Switch" if "index" in switch else "Any Switch", **switch)
    changed["5"]["inputs"]["positive"] = ["31", 0]
    return changed


FOUND = [
    ("efficient", EFFICIENT, {"prompt": ["1.positive"], "negative_prompt": ["1.negative"], "seed": ["2.seed"],
        "width": ["1.empty_latent_width"], "height": ["1.empty_latent_height"], "batch": ["1.batch_size"],
        "model": ["1.ckpt_name"], "lora": ["1.lora_name"],
        "lora_strength": ["1.lora_model_strength", "1.lora_clip_strength"]}),
    ("easy", EASY, {"prompt": ["1.positive"], "negative_prompt": ["1.negative"], "seed": ["2.seed"],
        "steps": ["2.steps"], "width": ["1.empty_latent_width"], "model": ["1.ckpt_name"], "cfg": ["2.cfg"]}),
    ("context", context(), {"prompt": ["2.text"], "negative_prompt": ["3.text"], "width": ["4.width"],
        "model": ["1.ckpt_name"]}),
    ("detailed", detailed(), {"prompt": ["2.text"], "negative_prompt": ["3.text"],
        "seed": ["5.seed", "20.seed", "21.seed"], "denoise": ["5.denoise"], "denoise2": ["20.denoise"],
        "denoise3": ["21.denoise"], "width": ["4.width"], "upscale_model": ["22.model_name"]}),
    ("wildcards", wild(), {"prompt": ["20.populated_text", "20.wildcard_text"]}),
    ("index switch", switched(index=1, value0=["2", 0], value1=["30", 0]), {"prompt": ["30.text"]}),
    ("any switch", switched(any_01=["2", 0], any_02=["30", 0]), {"prompt": ["2.text"]}),
    ("wrapper", WRAPPER, {"prompt": ["3.positive_prompt"], "negative_prompt": ["3.negative_prompt"],
        "seed": ["5.seed"], "steps": ["5.steps"], "cfg": ["5.cfg"], "scheduler": ["5.scheduler"],
        "width": ["4.width"], "height": ["4.height"], "length": ["4.num_frames"], "fps": ["7.frame_rate"],
        "model": ["1.model"], "lora": ["2.lora"], "lora_strength": ["2.strength"]}),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "expected"), [each[1:] for each in FOUND], ids=[each[0] for each in FOUND])
def test_what_packs_hold_is_found(graph: dict[str, Any], expected: dict[str, list[str]]):
    parameters = made(graph).parameters
    found = {name: sorted(".".join(place) for place in each.targets) for name, each in parameters.items()}
    assert {name: found.get(name) for name in expected} == {
        name: sorted(each) for name, each in expected.items()
    }
    assert not {name for name in found if name.startswith(("prompt2", "seed2", "negative_prompt2"))}


def test_a_video_without_a_flag_is_known_by_what_is_offered():
    graph = WRAPPER | {"8": node("VHS_LoadVideo", video="clip.mp4", frame_load_cap=0)}
    graph["7"] = node("VHS_VideoCombine", images=["8", 0], frame_rate=16.0, filename_prefix="v")
    work = made(graph)
    assert work.parameters["video"].targets == (("8", "video"),)
    assert [each.value for each in work.output_kinds] == ["video"]


def choosing() -> Workflow:
    return made(basic(n4=node("SDXL Size", resolution="1024x1024 (1.0)", batch_size=1)))


@pytest.mark.parametrize(
    ("asked", "stands"),
    [("16:9", "1344x768 (1.75)"), ("9:16", "768x1344 (0.57)"), ("1:1", "1024x1024 (1.0)"),
     ("768X1344 (0.57)", "768x1344 (0.57)")],
)  # fmt: skip
def test_an_aspect_chooses_among_the_sizes_offered(asked: str, stands: str):
    assert filled(choosing(), aspect=asked)["4"]["inputs"]["resolution"] == stands


def test_an_aspect_that_is_not_offered_is_refused_with_those_that_are():
    with pytest.raises(UserError, match=r"aspect can be one of: 1:1, 9:16, 16:9\."):
        filled(choosing(), aspect="4:3")


def test_megapixels_are_capped():
    size = takes(
        "INT INT", "width height", aspect_ratio=[["1:1 (Square)", "16:9 (Wide)"], {}], megapixels=FLOAT
    )
    graph = basic(
        n4=node("EmptyLatentImage", width=["20", 0], height=["20", 1], batch_size=1),
        n20=node("Size", aspect_ratio="1:1 (Square)", megapixels=1.0),
    )
    info = having({"Size": size})
    graph["1"]["inputs"]["ckpt_name"] = "base.safetensors"
    work = workflow(graph, info=info)
    inputs = bind(work, {"prompt": "x", "aspect": "16:9", "megapixels": 2}, info, limits=LIMITS).graph["20"][
        "inputs"
    ]
    assert inputs == {"aspect_ratio": "16:9 (Wide)", "megapixels": 2.0}
    with pytest.raises(UserError, match=r"megapixels must be from 0 to 2\.2"):
        bind(work, {"prompt": "x", "megapixels": 9}, info, limits=LIMITS)


def test_a_node_nobody_described_keeps_what_is_wanted_apart_from_what_is_not():
    graph = basic(
        n20=node("BrushNet", model=["1", 0], vae=["1", 2], positive=["2", 0], negative=["3", 0], scale=1.0)
    )
    graph["5"]["inputs"] |= {
        "model": ["20", 0],
        "positive": ["20", 1],
        "negative": ["20", 2],
        "latent_image": ["20", 3],
    }
    del graph["4"]
    found = made(graph).parameters
    assert found["prompt"].targets == (("2", "text"),)
    assert found["negative_prompt"].targets == (("3", "text"),)


def test_a_sampler_that_goes_on_with_a_picture_is_steered_too_and_one_that_prepares_it_is_not():
    later = {**SET, "seed": 77, "steps": 9}
    graph = basic(
        n20=node("CLIPVisionEncode", image=["6", 0]),
        n21=node("Moving", init_image=["6", 0], clip_vision=["20", 0], width=512, height=768),
        n22=node(
            "KSampler",
            **later,
            model=["1", 0],
            positive=["21", 0],
            negative=["21", 1],
            latent_image=["21", 2],
        ),
        n23=node("VAEDecode", samples=["22", 0], vae=["1", 2]),
        n7=node("SaveImage", images=["23", 0], filename_prefix="x"),
    )
    found = made(graph).parameters
    assert set(found["seed"].targets) == {("5", "seed"), ("22", "seed")}
    assert found["steps2"].targets == (("22", "steps"),)
    depth = basic(
        n20=node(
            "KSampler", **later, model=["1", 0], positive=["21", 0], negative=["21", 0], latent_image=["4", 0]
        ),
        n21=node("Nothing Said", width=8),
        n22=node("VAEDecode", samples=["20", 0], vae=["1", 2]),
        n24=node("VAEEncode", pixels=["22", 0], vae=["1", 2]),
    )
    depth["5"]["inputs"]["latent_image"] = ["24", 0]
    assert made(depth).parameters["seed"].targets == (("5", "seed"),)


def test_of_two_texts_the_one_with_words_is_meant():
    graph = basic(
        n2=node("CLIPTextEncode", text=["20", 0], clip=["1", 1]),
        n20=node("StringFunction", text_a="a fox", text_b="", action="append"),
    )
    assert made(graph).parameters["prompt"].targets == (("20", "text_a"),)


def test_a_picture_that_is_always_attached_may_stand_there_as_an_address():
    graph = basic(
        n4=node("VAEEncode", pixels=["20", 0], vae=["1", 2]), n20=node("LoadImage", image="https://x/a.png")
    )
    work = made(graph)
    assert work.enabled
    assert filled(work, image="mine.png")["20"]["inputs"]["image"] == "mine.png"
    graph["20"] = node("Load Image Base64", image="iVBORw0KGgo")
    assert "image" not in made(graph).parameters


def test_numbers_of_which_only_some_can_be_are_choices():
    service = takes(
        "VIDEO", prompt=TEXT, duration=["COMBO", {"options": [4, 8, 12], "default": 8}], seed=SEED
    )
    info = having({"Service": service})
    graph = {
        "1": node("Service", prompt="x", duration=8, seed=1),
        "2": node("SaveVideo", video=["1", 0], filename_prefix="x", format="auto", codec="auto"),
    }
    work = workflow(graph, info=info)
    assert [each.value for each in work.parameters["seconds"].choices] == [4, 8, 12]
    inputs = bind(work, {"prompt": "x", "seconds": "12"}, info, limits=LIMITS).graph["1"]["inputs"]
    assert inputs["duration"] == 12
    with pytest.raises(UserError, match="seconds"):
        bind(work, {"prompt": "x", "seconds": 5}, info, limits=LIMITS)
