"""Nodes that turn words into what steers a sampler."""

from dataclasses import replace

from bot.demo.comfyui.nodes.spec import Node, link, prompt_text, real, whole
from bot.demo.comfyui.values import Conditioning, Inputs, Outcome, Surroundings


def encode(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((Conditioning((str(inputs["text"]),)),))


def encode_flux(around: Surroundings, inputs: Inputs) -> Outcome:
    first, second = str(inputs["clip_l"]), str(inputs["t5xxl"])
    texts = (second,) if first == second else (second, first)
    return Outcome((Conditioning(texts, float(inputs["guidance"])),))


def flux_guidance(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((replace(inputs["conditioning"], guidance=float(inputs["guidance"])),))


def zero_out(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((Conditioning(()),))


def combine(around: Surroundings, inputs: Inputs) -> Outcome:
    first: Conditioning = inputs["conditioning_1"]
    second: Conditioning = inputs["conditioning_2"]
    return Outcome((replace(first, texts=(*first.texts, *second.texts)),))


def as_it_is(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((inputs["conditioning"],))


def apply_control_net(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((inputs["positive"], inputs["negative"]))


FLUX = "comfy_extras.nodes_flux"
GUIDANCE = real(3.5, 0.0, 100.0, 0.1)
NODES = (
    Node(
        "CLIPTextEncode", encode, {"text": prompt_text(), "clip": link("CLIP")},
        ("CONDITIONING",), "conditioning", "CLIP Text Encode (Prompt)",
    ),
    Node(
        "CLIPTextEncodeFlux", encode_flux,
        {"clip": link("CLIP"), "clip_l": prompt_text(), "t5xxl": prompt_text(), "guidance": GUIDANCE},
        ("CONDITIONING",), "advanced/conditioning/flux", module=FLUX,
    ),
    Node(
        "FluxGuidance", flux_guidance, {"conditioning": link("CONDITIONING"), "guidance": GUIDANCE},
        ("CONDITIONING",), "advanced/conditioning/flux", module=FLUX,
    ),
    Node(
        "ConditioningZeroOut", zero_out, {"conditioning": link("CONDITIONING")},
        ("CONDITIONING",), "advanced/conditioning", "ConditioningZeroOut",
    ),
    Node(
        "ConditioningSetArea", as_it_is,
        {
            "conditioning": link("CONDITIONING"),
            "width": whole(64, 64, 16384, 8), "height": whole(64, 64, 16384, 8),
            "x": whole(0, 0, 16384, 8), "y": whole(0, 0, 16384, 8), "strength": real(1.0, 0.0, 10.0),
        },
        ("CONDITIONING",), "conditioning", "Conditioning (Set Area)",
    ),
    Node(
        "ControlNetApplyAdvanced", apply_control_net,
        {
            "positive": link("CONDITIONING"), "negative": link("CONDITIONING"),
            "control_net": link("CONTROL_NET"), "image": link("IMAGE"), "strength": real(1.0, 0.0, 10.0),
            "start_percent": real(0.0, 0.0, 1.0, 0.001), "end_percent": real(1.0, 0.0, 1.0, 0.001),
        },
        ("CONDITIONING", "CONDITIONING"), "conditioning/controlnet", "Apply ControlNet",
        optional={"vae": link("VAE")}, output_names=("positive", "negative"),
    ),
    Node(
        "ConditioningCombine", combine,
        {"conditioning_1": link("CONDITIONING"), "conditioning_2": link("CONDITIONING")},
        ("CONDITIONING",), "conditioning", "Conditioning (Combine)",
    ),
)  # fmt: skip
