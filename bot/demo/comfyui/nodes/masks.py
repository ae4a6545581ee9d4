"""Nodes that make and change masks; a mask is a grey picture, white where something is to happen."""

from PIL import Image, ImageChops, ImageFilter

from bot.demo.comfyui.nodes.pictures import opened
from bot.demo.comfyui.nodes.spec import Node, choice, files, link, real, switch, whole
from bot.demo.comfyui.values import Inputs, Outcome, Surroundings, need_memory

BANDS = {"red": "R", "green": "G", "blue": "B", "alpha": "A"}


def grown(mask: Image.Image, by: int) -> Image.Image:
    """Return the mask grown (or shrunk, below 0) by so many pixels."""
    while by:
        step = min(abs(by), 4)
        size = step * 2 + 1
        mask = mask.filter(ImageFilter.MaxFilter(size) if by > 0 else ImageFilter.MinFilter(size))
        by -= step if by > 0 else -step
    return mask


def load(around: Surroundings, inputs: Inputs) -> Outcome:
    picture = opened(around.folders.annotated(str(inputs["image"])))
    band = BANDS[str(inputs["channel"])]
    if band == "A":
        has_alpha = "A" in picture.getbands()
        return Outcome(
            ([ImageChops.invert(picture.getchannel("A")) if has_alpha else Image.new("L", (64, 64))],)
        )
    return Outcome(([picture.convert("RGB").getchannel(band)],))


def to_image(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome(([mask.convert("RGB") for mask in inputs["mask"]],))


def from_image(around: Surroundings, inputs: Inputs) -> Outcome:
    band = BANDS[str(inputs["channel"])]
    return Outcome(([picture.convert("RGBA").getchannel(band) for picture in inputs["image"]],))


def grow(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome(([grown(mask, int(inputs["expand"])) for mask in inputs["mask"]],))


def invert(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome(([ImageChops.invert(mask) for mask in inputs["mask"]],))


def solid(around: Surroundings, inputs: Inputs) -> Outcome:
    width, height = int(inputs["width"]), int(inputs["height"])
    need_memory(width, height)
    return Outcome(([Image.new("L", (width, height), round(float(inputs["value"]) * 255))],))


MODULE = "comfy_extras.nodes_mask"
NODES = (
    Node(
        "LoadImageMask", load,
        {"image": files("input", image_upload=True), "channel": choice("alpha", "red", "green", "blue")},
        ("MASK",), "mask", "Load Image (as Mask)", files=("image",),
    ),
    Node(
        "MaskToImage", to_image, {"mask": link("MASK")}, ("IMAGE",), "mask", "Convert Mask to Image", module=MODULE
    ),
    Node(
        "ImageToMask", from_image,
        {"image": link("IMAGE"), "channel": choice("red", "green", "blue", "alpha")},
        ("MASK",), "mask", "Convert Image to Mask", module=MODULE,
    ),
    Node(
        "GrowMask", grow,
        {"mask": link("MASK"), "expand": whole(0, -16384, 16384), "tapered_corners": switch(True)},
        ("MASK",), "mask", "GrowMask", module=MODULE,
    ),
    Node("InvertMask", invert, {"mask": link("MASK")}, ("MASK",), "mask", "InvertMask", module=MODULE),
    Node(
        "SolidMask", solid,
        {"value": real(1.0, 0.0, 1.0), "width": whole(512, 1, 16384), "height": whole(512, 1, 16384)},
        ("MASK",), "mask", "SolidMask", module=MODULE,
    ),
)  # fmt: skip
