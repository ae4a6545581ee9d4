"""Nodes that turn words into what steers a sampler."""

from dataclasses import replace

from bot.demo.comfyui.nodes.spec import Node, link, prompt_text, real
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
        "ConditioningCombine", combine,
        {"conditioning_1": link("CONDITIONING"), "conditioning_2": link("CONDITIONING")},
        ("CONDITIONING",), "conditioning", "Conditioning (Combine)",
    ),
)  # fmt: skip
