"""Node packs the community uses, as a server describes them, and graphs made with them."""

from copy import deepcopy
from functools import cache
from typing import Any

from bot.workflows import ObjectInfo, Workflow, bind
from tests.workflows.made import LIMITS, node, raw_info, workflow

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
