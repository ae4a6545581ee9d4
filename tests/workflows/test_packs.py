"""Graphs as the community makes them, with the node packs it uses: found by flags and links, filled and relinked."""

from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from bot.errors import UserError
from bot.workflows import ObjectInfo, Workflow, bind
from tests.workflows.made import LIMITS, basic, node, raw_info, workflow

TEXT = ["STRING", {"multiline": True}]
WORD = ["STRING", {}]
INT = ["INT", {"default": 1, "min": 0, "max": 100_000}]
SEED = ["INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}]
FLOAT = ["FLOAT", {"default": 1.0, "min": 0.0, "max": 100.0}]
LORAS = [["None", "detail.safetensors", "ink.safetensors"], {}]
CHECKPOINTS = [["base.safetensors"], {}]
SAMPLERS = [["euler", "ddim"], {}]
SCHEDULERS = [["normal", "karras"], {}]


def takes(output: str, output_name: str = "", *, saves: bool = False, **inputs: Any) -> dict[str, Any]:
    """Describe a class; an input given as a name of a type takes only links, `_` before it makes it optional."""
    specs = {
        name: [spec.removeprefix("_")] if isinstance(spec, str) else spec for name, spec in inputs.items()
    }
    optional = {name for name, spec in inputs.items() if isinstance(spec, str) and spec.startswith("_")}
    kinds = output.split()
    return {
        "input": {
            "required": {name: spec for name, spec in specs.items() if name not in optional},
            "optional": {name: specs[name] for name in optional},
        },
        "output": kinds,
        "output_name": output_name.split() or kinds,
        "output_node": saves,
    }


SAMPLING: dict[str, Any] = {
    "seed": SEED, "steps": INT, "cfg": FLOAT, "sampler_name": SAMPLERS, "scheduler": SCHEDULERS, "denoise": FLOAT,
}  # fmt: skip
SET = {"seed": 5, "steps": 20, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
PACKS: dict[str, Any] = {
    "Efficient Loader": takes(
        "MODEL CONDITIONING CONDITIONING LATENT VAE CLIP", "MODEL CONDITIONING+ CONDITIONING- LATENT VAE CLIP",
        ckpt_name=CHECKPOINTS, lora_name=LORAS, lora_model_strength=FLOAT, lora_clip_strength=FLOAT, positive=TEXT,
        negative=TEXT, empty_latent_width=INT, empty_latent_height=INT, batch_size=INT, lora_stack="_LORA_STACK",
    ),
    "KSampler (Efficient)": takes(
        "IMAGE", **SAMPLING, model="MODEL", positive="CONDITIONING", negative="CONDITIONING", latent_image="LATENT",
    ),
    "Stack": takes("LORA_STACK", switch_1=[["On", "Off"], {}], lora_name_1=LORAS, model_weight_1=FLOAT,
                   clip_weight_1=FLOAT, switch_2=[["On", "Off"], {}], lora_name_2=LORAS, model_weight_2=FLOAT,
                   clip_weight_2=FLOAT),
    "Apply Stack": takes("MODEL CLIP", model="MODEL", clip="CLIP", lora_stack="_LORA_STACK"),
    "Loras In One": takes("MODEL CLIP", model="MODEL", clip="CLIP", lora_01=LORAS, strength_01=FLOAT, lora_02=LORAS,
                          strength_02=FLOAT),
    "Power Lora Loader": takes("MODEL CLIP", model="MODEL", clip="CLIP"),
    "Context": takes(
        "A_CONTEXT MODEL CLIP CONDITIONING CONDITIONING LATENT", "CONTEXT MODEL CLIP POSITIVE NEGATIVE LATENT",
        base_ctx="_A_CONTEXT", model="_MODEL", clip="_CLIP", positive="_CONDITIONING", negative="_CONDITIONING",
        latent="_LATENT",
    ),
    "easy fullLoader": takes(
        "PIPE_LINE MODEL VAE", "pipe model vae", ckpt_name=CHECKPOINTS, positive=TEXT, negative=TEXT,
        empty_latent_width=INT, empty_latent_height=INT, batch_size=INT,
    ),
    "easy fullkSampler": takes("IMAGE", saves=True, pipe="PIPE_LINE", **SAMPLING),
    "UltimateSDUpscale": takes(
        "IMAGE", image="IMAGE", model="MODEL", positive="CONDITIONING", negative="CONDITIONING", vae="VAE",
        upscale_model="UPSCALE_MODEL", upscale_by=FLOAT, **SAMPLING, tile_width=INT, tile_height=INT,
    ),
    "FaceDetailer": takes(
        "IMAGE", image="IMAGE", model="MODEL", clip="CLIP", vae="VAE", positive="CONDITIONING",
        negative="CONDITIONING", guide_size=FLOAT, **SAMPLING, wildcard=TEXT,
    ),
    "Wildcards": takes("STRING", wildcard_text=TEXT, populated_text=TEXT, mode=[["populate", "fixed"], {}], seed=SEED),
    "Advanced Encode": takes("CONDITIONING", text=TEXT, clip="CLIP", token_normalization=[["none", "mean"], {}]),
    "Index Switch": takes("*", index=INT, value0="_*", value1="_*"),
    "Any Switch": takes("*", any_01="_*", any_02="_*"),
    "SDXL Size": takes("LATENT", resolution=[["1024x1024 (1.0)", "1344x768 (1.75)", "768x1344 (0.57)"], {}],
                       batch_size=INT),
    "Video Sampler": takes("SAMPLES", model="VIDMODEL", image_embeds="EMBEDS", text_embeds="TEXTEMBEDS", steps=INT,
                           cfg=FLOAT, seed=SEED, scheduler=SCHEDULERS),
    "Video Model": takes("VIDMODEL", model=[["wan.safetensors"], {}], lora="_VIDLORA"),
    "Video Lora": takes("VIDLORA", lora=LORAS, strength=FLOAT),
    "Video Text": takes("TEXTEMBEDS", positive_prompt=TEXT, negative_prompt=TEXT),
    "Video Size": takes("EMBEDS", width=INT, height=INT, num_frames=INT),
    "Video Decode": takes("IMAGE", samples="SAMPLES"),
    "VHS_VideoCombine": takes("FILES", saves=True, images="IMAGE", frame_rate=FLOAT, filename_prefix=WORD),
    "VHS_LoadVideo": takes("IMAGE", video=[["clip.mp4"], {}], frame_load_cap=INT),
}  # fmt: skip


@cache
def server() -> ObjectInfo:
    return having({})


def having(more: dict[str, Any]) -> ObjectInfo:
    raw = deepcopy(raw_info()) | PACKS | more
    for name in ("LoraLoader", "LoraLoaderModelOnly"):
        raw[name]["input"]["required"]["lora_name"] = LORAS
    raw["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"] = CHECKPOINTS
    return ObjectInfo(raw)


def made(graph: dict[str, Any]) -> Workflow:
    graph = deepcopy(graph)
    if "1" in graph and graph["1"]["class_type"] == "CheckpointLoaderSimple":
        graph["1"]["inputs"]["ckpt_name"] = "base.safetensors"
    return workflow(graph, info=server())


def filled(work: Workflow, **values: Any) -> dict[str, Any]:
    return bind(work, {"prompt": "a cat"} | values, server(), limits=LIMITS).graph


EFFICIENT = {
    "1": node("Efficient Loader", ckpt_name="base.safetensors", lora_name="None", lora_model_strength=1.0,
              lora_clip_strength=1.0, positive="a fox", negative="blur", empty_latent_width=512,
              empty_latent_height=768, batch_size=1),
    "2": node("KSampler (Efficient)", **SET, model=["1", 0], positive=["1", 1], negative=["1", 2],
              latent_image=["1", 3]),
    "3": node("SaveImage", images=["2", 0], filename_prefix="x"),
}  # fmt: skip
EASY = {
    "1": node("easy fullLoader", ckpt_name="base.safetensors", positive="a fox", negative="blur",
              empty_latent_width=512, empty_latent_height=768, batch_size=1),
    "2": node("easy fullkSampler", pipe=["1", 0], **SET),
}  # fmt: skip
WRAPPER = {
    "1": node("Video Model", model="wan.safetensors", lora=["2", 0]),
    "2": node("Video Lora", lora="detail.safetensors", strength=0.8),
    "3": node("Video Text", positive_prompt="a fox runs", negative_prompt="blur"),
    "4": node("Video Size", width=832, height=480, num_frames=81),
    "5": node("Video Sampler", model=["1", 0], image_embeds=["4", 0], text_embeds=["3", 0], steps=20, cfg=6.0, seed=3,
              scheduler="normal"),
    "6": node("Video Decode", samples=["5", 0]),
    "7": node("VHS_VideoCombine", images=["6", 0], frame_rate=16.0, filename_prefix="v"),
}  # fmt: skip


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


# --- LoRAs of packs


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


# --- sizes to choose


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


# --- what public workflows of packs taught


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
