"""Nodes that load, cut and mix pictures, for real."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageOps

from bot.demo.comfyui.nodes.spec import Node, choice, files, link, real, switch, whole
from bot.demo.comfyui.pixels import Resampling, resize
from bot.demo.comfyui.values import Inputs, Outcome, Pictures, Surroundings, need_memory


def opened(path: Path) -> Image.Image:
    """Return a picture file, turned upright; raises UnidentifiedImageError for what is none."""
    with Image.open(path) as picture:
        return ImageOps.exif_transpose(picture).copy()


def load(around: Surroundings, inputs: Inputs) -> Outcome:
    picture = opened(around.folders.annotated(str(inputs["image"])))
    need_memory(*picture.size)
    if "A" in picture.getbands() or "transparency" in picture.info:
        mask = ImageChops.invert(picture.convert("RGBA").getchannel("A"))
    else:
        mask = Image.new("L", (64, 64), 0)
    return Outcome(([picture.convert("RGB")], [mask]))


def empty(around: Surroundings, inputs: Inputs) -> Outcome:
    width, height, batch = (int(inputs[name]) for name in ("width", "height", "batch_size"))
    need_memory(width, height, batch)
    number = int(inputs["color"])
    fill = (number >> 16 & 255, number >> 8 & 255, number & 255)
    return Outcome(([Image.new("RGB", (width, height), fill) for _ in range(batch)],))


def invert(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome(([ImageChops.invert(picture) for picture in inputs["image"]],))


def crop(around: Surroundings, inputs: Inputs) -> Outcome:
    images: Pictures = inputs["image"]
    x, y = min(int(inputs["x"]), images[0].width - 1), min(int(inputs["y"]), images[0].height - 1)
    right = min(x + int(inputs["width"]), images[0].width)
    bottom = min(y + int(inputs["height"]), images[0].height)
    return Outcome(([picture.crop((x, y, right, bottom)) for picture in images],))


BLENDS: dict[str, Callable[[Image.Image, Image.Image], Image.Image]] = {
    "normal": lambda first, second: second,
    "multiply": ImageChops.multiply,
    "screen": ImageChops.screen,
    "overlay": ImageChops.overlay,
    "soft_light": ImageChops.soft_light,
    "difference": ImageChops.difference,
}


def blend(around: Surroundings, inputs: Inputs) -> Outcome:
    first: Pictures = inputs["image1"]
    second: Pictures = inputs["image2"]
    mix = BLENDS[str(inputs["blend_mode"])]
    done: Pictures = []
    for number, picture in enumerate(first):
        other = resize(second[min(number, len(second) - 1)], picture.size)
        done.append(Image.blend(picture, mix(picture, other), float(inputs["blend_factor"])))
    return Outcome((done,))


def pad(around: Surroundings, inputs: Inputs) -> Outcome:
    images: Pictures = inputs["image"]
    left, top, right, bottom, feather = (
        int(inputs[name]) for name in ("left", "top", "right", "bottom", "feathering")
    )
    width, height = images[0].width + left + right, images[0].height + top + bottom
    need_memory(width, height, len(images))
    mask = Image.new("L", (width, height), 255)
    kept = (left + (feather if left else 0), top + (feather if top else 0))
    size = (
        images[0].width - (feather if left else 0) - (feather if right else 0),
        images[0].height - (feather if top else 0) - (feather if bottom else 0),
    )
    if min(size) > 0:
        mask.paste(0, (*kept, kept[0] + size[0], kept[1] + size[1]))
    done: Pictures = []
    for picture in images:
        canvas = Image.new("RGB", (width, height), (127, 127, 127))
        canvas.paste(picture, (left, top))
        done.append(canvas)
    return Outcome((done, [mask]))


def composite(around: Surroundings, inputs: Inputs) -> Outcome:
    below: Pictures = inputs["destination"]
    above: Pictures = inputs["source"]
    masks: Pictures | None = inputs.get("mask")
    done: Pictures = []
    for number, picture in enumerate(below):
        canvas, source = picture.copy(), above[min(number, len(above) - 1)]
        if inputs["resize_source"]:
            source = resize(source, canvas.size, Resampling.BILINEAR)
        mask = resize(masks[min(number, len(masks) - 1)], source.size) if masks else None
        canvas.paste(source, (int(inputs["x"]), int(inputs["y"])), mask)
        done.append(canvas)
    return Outcome((done,))


def repeat(around: Surroundings, inputs: Inputs) -> Outcome:
    images: Pictures = inputs["image"]
    need_memory(*images[0].size, count=len(images) * int(inputs["amount"]))
    return Outcome((images * int(inputs["amount"]),))


def batch(around: Surroundings, inputs: Inputs) -> Outcome:
    first: Pictures = inputs["image1"]
    second: Pictures = inputs["image2"]
    return Outcome(([*first, *(resize(picture, first[0].size) for picture in second)],))


def size(around: Surroundings, inputs: Inputs) -> Outcome:
    images: Pictures = inputs["image"]
    return Outcome((images[0].width, images[0].height, len(images)))


IMAGE = {"image": link("IMAGE")}
SIDE, START, PAD = whole(512, 1, 16384), whole(0, 0, 16384), whole(0, 0, 16384, 8)
POST = "comfy_extras.nodes_post_processing"
EXTRA = "comfy_extras.nodes_images"
NODES = (
    Node(
        "LoadImage", load, {"image": files("input", image_upload=True)}, ("IMAGE", "MASK"), "image", "Load Image",
        files=("image",),
    ),
    Node(
        "EmptyImage", empty,
        {
            "width": SIDE, "height": SIDE, "batch_size": whole(1, 1, 4096, None),
            "color": whole(0, 0, 0xFFFFFF, display="color"),
        },
        ("IMAGE",), "image", "EmptyImage",
    ),
    Node("ImageInvert", invert, IMAGE, ("IMAGE",), "image", "Invert Image"),
    Node(
        "ImageCrop", crop, {**IMAGE, "width": SIDE, "height": SIDE, "x": START, "y": START},
        ("IMAGE",), "image/transform", "Image Crop", module=EXTRA,
    ),
    Node(
        "ImageBlend", blend,
        {
            "image1": link("IMAGE"), "image2": link("IMAGE"), "blend_factor": real(0.5, 0.0, 1.0),
            "blend_mode": choice(*BLENDS, modern=True),
        },
        ("IMAGE",), "image/postprocessing", module=POST,
    ),
    Node(
        "ImagePadForOutpaint", pad,
        {
            **IMAGE, "left": PAD, "top": PAD, "right": PAD, "bottom": PAD,
            "feathering": whole(40, 0, 16384),
        },
        ("IMAGE", "MASK"), "image", "Pad Image for Outpainting",
    ),
    Node(
        "ImageCompositeMasked", composite,
        {
            "destination": link("IMAGE"), "source": link("IMAGE"), "x": START, "y": START,
            "resize_source": switch(False),
        },
        ("IMAGE",), "image", "ImageCompositeMasked", optional={"mask": link("MASK")},
        module="comfy_extras.nodes_mask",
    ),
    Node(
        "RepeatImageBatch", repeat, {**IMAGE, "amount": whole(1, 1, 4096, None)},
        ("IMAGE",), "image/batch", "RepeatImageBatch", module=EXTRA,
    ),
    Node(
        "ImageBatch", batch, {"image1": link("IMAGE"), "image2": link("IMAGE")},
        ("IMAGE",), "image", "Batch Images",
    ),
    Node(
        "GetImageSize", size, IMAGE, ("INT", "INT", "INT"), "image", "Get Image Size",
        output_names=("width", "height", "batch_size"), module=EXTRA,
    ),
)  # fmt: skip
