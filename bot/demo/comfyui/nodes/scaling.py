"""Nodes that make pictures larger or smaller."""

import math

from PIL import Image, ImageOps

from bot.demo.comfyui.nodes.spec import Node, choice, link, real, whole
from bot.demo.comfyui.pixels import Resampling, resize
from bot.demo.comfyui.values import Inputs, Outcome, Pictures, Surroundings, need_memory

RESAMPLING = {
    "nearest-exact": Resampling.NEAREST,
    "bilinear": Resampling.BILINEAR,
    "area": Resampling.BOX,
    "bicubic": Resampling.BICUBIC,
    "lanczos": Resampling.LANCZOS,
}
METHODS = tuple(RESAMPLING)


def fitted(picture: Image.Image, width: int, height: int, method: str, crop: str = "disabled") -> Image.Image:
    need_memory(width, height)
    resampling = RESAMPLING[method]
    if crop == "center":
        return ImageOps.fit(picture, (width, height), resampling)
    return resize(picture, (width, height), resampling)


def scale(around: Surroundings, inputs: Inputs) -> Outcome:
    images: Pictures = inputs["image"]
    width, height = int(inputs["width"]), int(inputs["height"])
    if width == 0 and height == 0:
        return Outcome((images,))
    width = width or max(1, round(images[0].width * height / images[0].height))
    height = height or max(1, round(images[0].height * width / images[0].width))
    method, crop = str(inputs["upscale_method"]), str(inputs["crop"])
    return Outcome(([fitted(picture, width, height, method, crop) for picture in images],))


def scaled_by(images: Pictures, factor: float, method: str) -> Outcome:
    width, height = max(1, round(images[0].width * factor)), max(1, round(images[0].height * factor))
    return Outcome(([fitted(picture, width, height, method) for picture in images],))


def scale_by(around: Surroundings, inputs: Inputs) -> Outcome:
    return scaled_by(inputs["image"], float(inputs["scale_by"]), str(inputs["upscale_method"]))


def scale_to_pixels(around: Surroundings, inputs: Inputs) -> Outcome:
    images: Pictures = inputs["image"]
    wanted = float(inputs["megapixels"]) * 1024 * 1024
    factor = math.sqrt(wanted / (images[0].width * images[0].height))
    return scaled_by(images, factor, str(inputs["upscale_method"]))


def scale_with_model(around: Surroundings, inputs: Inputs) -> Outcome:
    images: Pictures = inputs["image"]
    factor = 2 if "2x" in str(inputs["upscale_model"]) else 4
    around.sleep(1)
    done: Pictures = []
    for number, picture in enumerate(images, 1):
        done.append(fitted(picture, picture.width * factor, picture.height * factor, "lanczos"))
        around.progress(number, len(images), None)
    return Outcome((done,))


IMAGE = {"image": link("IMAGE")}
POST = "comfy_extras.nodes_post_processing"
NODES = (
    Node(
        "ImageScale", scale,
        {
            **IMAGE, "upscale_method": choice(*METHODS), "width": whole(512, 0, 16384),
            "height": whole(512, 0, 16384), "crop": choice("disabled", "center"),
        },
        ("IMAGE",), "image/upscaling", "Upscale Image",
    ),
    Node(
        "ImageScaleBy", scale_by,
        {**IMAGE, "upscale_method": choice(*METHODS), "scale_by": real(1.0, 0.01, 8.0)},
        ("IMAGE",), "image/upscaling", "Upscale Image By",
    ),
    Node(
        "ImageScaleToTotalPixels", scale_to_pixels,
        {**IMAGE, "upscale_method": choice(*METHODS, modern=True), "megapixels": real(1.0, 0.01, 16.0)},
        ("IMAGE",), "image/upscaling", module=POST,
    ),
    Node(
        "ImageUpscaleWithModel", scale_with_model, {"upscale_model": link("UPSCALE_MODEL"), **IMAGE},
        ("IMAGE",), "image/upscaling", "Upscale Image (using Model)", module="comfy_extras.nodes_upscale_model",
    ),
)  # fmt: skip
