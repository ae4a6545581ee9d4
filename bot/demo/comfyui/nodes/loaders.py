"""Nodes that load models, and those that change a loaded one."""

from bot.demo.comfyui.nodes.spec import Node, choice, files, link, real, whole
from bot.demo.comfyui.values import Clip, Inputs, Model, Outcome, Surroundings, with_lora

CLIP_TYPES = (
    "stable_diffusion", "stable_cascade", "sd3", "stable_audio", "mochi", "ltxv", "pixart", "cosmos", "lumina2",
    "wan", "hidream", "chroma", "ace", "omnigen2", "qwen_image", "hunyuan_image", "flux2", "ovis",
)  # fmt: skip
DUAL_TYPES = ("sdxl", "sd3", "flux", "hunyuan_video", "hidream", "hunyuan_image", "kandinsky5_image")
DTYPES = ("default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2")


def checkpoint(around: Surroundings, inputs: Inputs) -> Outcome:
    around.sleep(1)
    name = str(inputs["ckpt_name"])
    return Outcome((Model(name), Clip(name), name))


def diffusion_model(around: Surroundings, inputs: Inputs) -> Outcome:
    around.sleep(1)
    return Outcome((Model(str(inputs["unet_name"])),))


def clip(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((Clip(str(inputs["clip_name"])),))


def dual_clip(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((Clip(f"{inputs['clip_name1']}+{inputs['clip_name2']}"),))


def several_clips(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((Clip("+".join(str(name) for name in inputs.values())),))


def control_net(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((str(inputs["control_net_name"]),))


def vae(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((str(inputs["vae_name"]),))


def lora(around: Surroundings, inputs: Inputs) -> Outcome:
    model = with_lora(inputs["model"], str(inputs["lora_name"]), float(inputs["strength_model"]))
    return Outcome((model, inputs.get("clip")))


def lora_model_only(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((with_lora(inputs["model"], str(inputs["lora_name"]), float(inputs["strength_model"])),))


def same_model(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((inputs["model"],))


def last_layer(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((inputs["clip"],))


def upscale_model(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((str(inputs["model_name"]),))


NODES = (
    Node(
        "CheckpointLoaderSimple", checkpoint, {"ckpt_name": files("checkpoints")},
        ("MODEL", "CLIP", "VAE"), "loaders", "Load Checkpoint",
    ),
    Node(
        "UNETLoader", diffusion_model,
        {"unet_name": files("diffusion_models"), "weight_dtype": choice(*DTYPES)},
        ("MODEL",), "advanced/loaders", "Load Diffusion Model",
    ),
    Node(
        "CLIPLoader", clip, {"clip_name": files("text_encoders"), "type": choice(*CLIP_TYPES)},
        ("CLIP",), "advanced/loaders", "Load CLIP",
        optional={"device": choice("default", "cpu", advanced=True)},
    ),
    Node(
        "DualCLIPLoader", dual_clip,
        {
            "clip_name1": files("text_encoders"), "clip_name2": files("text_encoders"),
            "type": choice(*DUAL_TYPES),
        },
        ("CLIP",), "advanced/loaders", "DualCLIPLoader",
        optional={"device": choice("default", "cpu", advanced=True)},
    ),
    Node(
        "TripleCLIPLoader", several_clips,
        {f"clip_name{number}": files("text_encoders", modern=True) for number in (1, 2, 3)},
        ("CLIP",), "advanced/loaders", module="comfy_extras.nodes_sd3",
    ),
    Node(
        "QuadrupleCLIPLoader", several_clips,
        {f"clip_name{number}": files("text_encoders", modern=True) for number in (1, 2, 3, 4)},
        ("CLIP",), "advanced/loaders", module="comfy_extras.nodes_hidream",
    ),
    Node(
        "ControlNetLoader", control_net, {"control_net_name": files("controlnet")},
        ("CONTROL_NET",), "loaders", "Load ControlNet Model",
    ),
    Node("VAELoader", vae, {"vae_name": files("vae")}, ("VAE",), "loaders", "Load VAE"),
    Node(
        "LoraLoader", lora,
        {
            "model": link("MODEL"), "clip": link("CLIP"), "lora_name": files("loras"),
            "strength_model": real(1.0, -100.0, 100.0), "strength_clip": real(1.0, -100.0, 100.0),
        },
        ("MODEL", "CLIP"), "loaders", "Load LoRA",
    ),
    Node(
        "LoraLoaderModelOnly", lora_model_only,
        {"model": link("MODEL"), "lora_name": files("loras"), "strength_model": real(1.0, -100.0, 100.0)},
        ("MODEL",), "loaders", "LoraLoaderModelOnly",
    ),
    Node(
        "CLIPSetLastLayer", last_layer, {"clip": link("CLIP"), "stop_at_clip_layer": whole(-1, -24, -1)},
        ("CLIP",), "conditioning", "CLIP Set Last Layer",
    ),
    Node(
        "ModelSamplingSD3", same_model, {"model": link("MODEL"), "shift": real(3.0, 0.0, 100.0)},
        ("MODEL",), "advanced/model", "ModelSamplingSD3", module="comfy_extras.nodes_model_advanced",
    ),
    Node(
        "ModelSamplingAuraFlow", same_model, {"model": link("MODEL"), "shift": real(1.73, 0.0, 100.0)},
        ("MODEL",), "advanced/model", "ModelSamplingAuraFlow", module="comfy_extras.nodes_model_advanced",
    ),
    Node(
        "DifferentialDiffusion", same_model, {"model": link("MODEL")},
        ("MODEL",), "_for_testing", "Differential Diffusion", module="comfy_extras.nodes_differential_diffusion",
        optional={"strength": real(1.0, 0.0, 1.0)},
    ),
    Node(
        "ModelSamplingFlux", same_model,
        {
            "model": link("MODEL"), "max_shift": real(1.15, 0.0, 100.0), "base_shift": real(0.5, 0.0, 100.0),
            "width": whole(1024, 16, 16384, 8), "height": whole(1024, 16, 16384, 8),
        },
        ("MODEL",), "advanced/model", "ModelSamplingFlux", module="comfy_extras.nodes_model_advanced",
    ),
    Node(
        "UpscaleModelLoader", upscale_model, {"model_name": files("upscale_models", modern=True)},
        ("UPSCALE_MODEL",), "loaders", "Load Upscale Model", module="comfy_extras.nodes_upscale_model",
    ),
)  # fmt: skip
