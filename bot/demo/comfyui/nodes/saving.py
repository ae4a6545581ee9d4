"""Nodes that end a graph: they write pictures and show what they wrote."""

import json
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.demo.comfyui.nodes.spec import Node, choice, link, real, switch, text, whole
from bot.demo.comfyui.values import Inputs, Outcome, Pictures, Surroundings

WEBP_METHODS = {"default": 4, "fastest": 0, "slowest": 6}


def png_info(around: Surroundings) -> PngInfo:
    """Return the texts every PNG carries: the whole graph, and each key of extra_pnginfo."""
    info = PngInfo()
    info.add_text("prompt", json.dumps(around.prompt))
    for key, value in around.extra_pnginfo.items():
        info.add_text(key, json.dumps(value))
    return info


def item(path: Path, subfolder: str, kind: str) -> dict[str, Any]:
    """Return a file as the user interface is told about it."""
    return {"filename": path.name, "subfolder": subfolder, "type": kind}


def prefix_for(prefix: str, picture: Image.Image) -> str:
    """Replace the size in a file name's prefix."""
    return prefix.replace("%width%", str(picture.width)).replace("%height%", str(picture.height))


def write_pngs(around: Surroundings, images: Pictures, prefix: str, kind: str, level: int) -> Outcome:
    info, shown = png_info(around), list[dict[str, Any]]()
    places = around.folders.next_names(prefix_for(prefix, images[0]), kind, ".png", len(images))
    for picture, (path, subfolder) in zip(images, places, strict=True):
        picture.save(path, pnginfo=info, compress_level=level)
        shown.append(item(path, subfolder, kind))
    return Outcome(ui={"images": shown})


def save(around: Surroundings, inputs: Inputs) -> Outcome:
    return write_pngs(around, inputs["images"], str(inputs["filename_prefix"]), "output", 4)


def preview(around: Surroundings, inputs: Inputs) -> Outcome:
    return write_pngs(around, inputs["images"], around.folders.temp_prefix, "temp", 1)


def animated(around: Surroundings, inputs: Inputs, suffix: str, **options: Any) -> Outcome:
    images: Pictures = inputs["images"]
    prefix = prefix_for(str(inputs["filename_prefix"]), images[0])
    ((path, subfolder),) = around.folders.next_names(prefix, "output", suffix, 1)
    pause = int(1000 / float(inputs["fps"]))
    images[0].save(path, save_all=True, append_images=images[1:], duration=pause, **options)
    return Outcome(ui={"images": [item(path, subfolder, "output")], "animated": [len(images) != 1]})


def save_webp(around: Surroundings, inputs: Inputs) -> Outcome:
    method = WEBP_METHODS[str(inputs["method"])]
    lossless, quality = bool(inputs["lossless"]), int(inputs["quality"])
    return animated(around, inputs, ".webp", method=method, lossless=lossless, quality=quality)


def save_apng(around: Surroundings, inputs: Inputs) -> Outcome:
    return animated(
        around, inputs, ".png", pnginfo=png_info(around), compress_level=int(inputs["compress_level"])
    )


def to_socket(around: Surroundings, inputs: Inputs) -> Outcome:
    images: Pictures = inputs["images"]
    for number, picture in enumerate(images):
        around.show(number, len(images), picture)
    return Outcome()


def preview_any(around: Surroundings, inputs: Inputs) -> Outcome:
    value = inputs["source"]
    if isinstance(value, bool | int | float | str):
        return Outcome(ui={"text": [str(value)]})
    try:
        shown = json.dumps(value)
    except (TypeError, ValueError):
        shown = str(value)
    return Outcome(ui={"text": [shown]})


PREFIX = text("ComfyUI")
FPS = real(6.0, 0.01, 1000.0)
NODES = (
    Node(
        "SaveImage", save, {"images": link("IMAGE"), "filename_prefix": PREFIX},
        category="image", display="Save Image", output_node=True, metadata=True,
    ),
    Node(
        "PreviewImage", preview, {"images": link("IMAGE")},
        category="image", display="Preview Image", output_node=True, metadata=True,
    ),
    Node(
        "SaveImageWebsocket", to_socket, {"images": link("IMAGE")},
        category="api/image", display="SaveImageWebsocket", output_node=True,
        module="custom_nodes.websocket_image_save", fresh=True,
    ),
    Node(
        "SaveAnimatedWEBP", save_webp,
        {
            "images": link("IMAGE"), "filename_prefix": PREFIX, "fps": FPS, "lossless": switch(True),
            "quality": whole(80, 0, 100, None), "method": choice(*WEBP_METHODS),
        },
        category="image/animation", display="SaveAnimatedWEBP", output_node=True, metadata=True,
        module="comfy_extras.nodes_images",
    ),
    Node(
        "SaveAnimatedPNG", save_apng,
        {
            "images": link("IMAGE"), "filename_prefix": PREFIX, "fps": FPS,
            "compress_level": whole(4, 0, 9, None),
        },
        category="image/animation", display="SaveAnimatedPNG", output_node=True, metadata=True,
        module="comfy_extras.nodes_images",
    ),
    Node(
        "PreviewAny", preview_any, {"source": link("*")},
        category="utils", display="Preview Any", output_node=True, module="comfy_extras.nodes_preview_any",
    ),
)  # fmt: skip
