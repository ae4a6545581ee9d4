"""Nodes that make, read and reshape latents."""

from dataclasses import replace

from PIL import Image

from bot.demo.comfyui.nodes.masks import grown
from bot.demo.comfyui.nodes.spec import Node, choice, link, real, switch, whole
from bot.demo.comfyui.pixels import Resampling, resize
from bot.demo.comfyui.values import Inputs, Latent, Outcome, Pictures, Surroundings, need_memory

METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")


def empty(around: Surroundings, inputs: Inputs) -> Outcome:
    width, height, batch = (int(inputs[name]) for name in ("width", "height", "batch_size"))
    need_memory(width, height, batch)
    return Outcome((Latent(width // 8 * 8, height // 8 * 8, batch),))


def empty_video(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((video_latent(inputs),))


def wan22(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((started(video_latent(inputs), inputs),))


def wan(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((inputs["positive"], inputs["negative"], started(video_latent(inputs), inputs)))


def video_latent(inputs: Inputs) -> Latent:
    width, height = int(inputs["width"]) // 8 * 8, int(inputs["height"]) // 8 * 8
    frames = ((int(inputs["length"]) - 1) // 4) * 4 + 1
    need_memory(width, height, frames)
    return Latent(width, height, frames, video=True)


def started(latent: Latent, inputs: Inputs) -> Latent:
    images: Pictures | None = inputs.get("start_image")
    if not images:
        return latent
    first = resize(images[0].convert("RGB"), (latent.width, latent.height))
    return replace(latent, pictures=(first,) * latent.batch)


def encoded(pixels: Pictures) -> Latent:
    width, height = max(8, pixels[0].width // 8 * 8), max(8, pixels[0].height // 8 * 8)
    cropped = tuple(picture.convert("RGB").crop((0, 0, width, height)) for picture in pixels)
    return Latent(width, height, len(pixels), pictures=cropped)


def masked(latent: Latent, mask: Pictures) -> Latent:
    return replace(latent, mask=resize(mask[0], (latent.width, latent.height), Resampling.BILINEAR))


def encode(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((encoded(inputs["pixels"]),))


def encode_for_inpaint(around: Surroundings, inputs: Inputs) -> Outcome:
    mask = [grown(picture, int(inputs["grow_mask_by"])) for picture in inputs["mask"]]
    return Outcome((masked(encoded(inputs["pixels"]), mask),))


def inpaint_conditioning(around: Surroundings, inputs: Inputs) -> Outcome:
    latent = encoded(inputs["pixels"])
    latent = masked(latent, inputs["mask"]) if inputs["noise_mask"] else latent
    return Outcome((inputs["positive"], inputs["negative"], latent))


def repeat(around: Surroundings, inputs: Inputs) -> Outcome:
    latent: Latent = inputs["samples"]
    amount = int(inputs["amount"])
    need_memory(latent.width, latent.height, latent.batch * amount)
    return Outcome((replace(latent, batch=latent.batch * amount, pictures=latent.pictures * amount),))


def set_mask(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((masked(inputs["samples"], inputs["mask"]),))


def decode(around: Surroundings, inputs: Inputs) -> Outcome:
    latent: Latent = inputs["samples"]
    blank = Image.new("RGB", (latent.width, latent.height), (127, 127, 127))
    return Outcome((list(latent.pictures) or [blank] * latent.batch,))


def upscale(around: Surroundings, inputs: Inputs) -> Outcome:
    latent: Latent = inputs["samples"]
    width, height = int(inputs["width"]), int(inputs["height"])
    if width == 0 and height == 0:
        return Outcome((latent,))
    width = width or max(64, round(latent.width * height / latent.height))
    height = height or max(64, round(latent.height * width / latent.width))
    return Outcome((resized(latent, width, height),))


def upscale_by(around: Surroundings, inputs: Inputs) -> Outcome:
    latent: Latent = inputs["samples"]
    scale = float(inputs["scale_by"])
    return Outcome((resized(latent, round(latent.width * scale), round(latent.height * scale)),))


def resized(latent: Latent, width: int, height: int) -> Latent:
    width, height = max(8, width // 8 * 8), max(8, height // 8 * 8)
    need_memory(width, height, latent.batch)
    pictures = tuple(resize(picture, (width, height)) for picture in latent.pictures)
    mask = None if latent.mask is None else resize(latent.mask, (width, height))
    return replace(latent, width=width, height=height, pictures=pictures, mask=mask)


BATCH = whole(1, 1, 4096, None)
PIXELS = {"pixels": link("IMAGE"), "vae": link("VAE")}
GUIDED = {"positive": link("CONDITIONING"), "negative": link("CONDITIONING"), "vae": link("VAE")}
GUIDED_OUT = ("CONDITIONING", "CONDITIONING", "LATENT")
GUIDED_NAMES = ("positive", "negative", "latent")
WAN = "comfy_extras.nodes_wan"
NODES = (
    Node(
        "EmptyLatentImage", empty,
        {"width": whole(512, 16, 16384, 8), "height": whole(512, 16, 16384, 8), "batch_size": BATCH},
        ("LATENT",), "latent", "Empty Latent Image",
    ),
    Node(
        "EmptySD3LatentImage", empty,
        {"width": whole(1024, 16, 16384, 16), "height": whole(1024, 16, 16384, 16), "batch_size": BATCH},
        ("LATENT",), "latent/sd3", module="comfy_extras.nodes_sd3",
    ),
    Node(
        "EmptyHunyuanLatentVideo", empty_video,
        {
            "width": whole(848, 16, 16384, 16), "height": whole(480, 16, 16384, 16),
            "length": whole(25, 1, 16384, 4), "batch_size": BATCH,
        },
        ("LATENT",), "latent/video", "EmptyHunyuanLatentVideo", module="comfy_extras.nodes_hunyuan",
    ),
    Node(
        "Wan22ImageToVideoLatent", wan22,
        {
            "vae": link("VAE"), "width": whole(1280, 32, 16384, 32), "height": whole(704, 32, 16384, 32),
            "length": whole(49, 1, 16384, 4), "batch_size": BATCH,
        },
        ("LATENT",), "conditioning/inpaint", optional={"start_image": link("IMAGE")}, module=WAN,
    ),
    Node(
        "WanImageToVideo", wan,
        {
            **GUIDED, "width": whole(832, 16, 16384, 16), "height": whole(480, 16, 16384, 16),
            "length": whole(81, 1, 16384, 4), "batch_size": BATCH,
        },
        GUIDED_OUT, "conditioning/video_models", output_names=GUIDED_NAMES, module=WAN,
        optional={"clip_vision_output": link("CLIP_VISION_OUTPUT"), "start_image": link("IMAGE")},
    ),
    Node("VAEEncode", encode, PIXELS, ("LATENT",), "latent", "VAE Encode"),
    Node(
        "VAEEncodeForInpaint", encode_for_inpaint,
        {**PIXELS, "mask": link("MASK"), "grow_mask_by": whole(6, 0, 64)},
        ("LATENT",), "latent/inpaint", "VAE Encode (for Inpainting)",
    ),
    Node(
        "InpaintModelConditioning", inpaint_conditioning,
        {**GUIDED, "pixels": link("IMAGE"), "mask": link("MASK"), "noise_mask": switch(True)},
        GUIDED_OUT, "conditioning/inpaint", "InpaintModelConditioning", output_names=GUIDED_NAMES,
    ),
    Node(
        "SetLatentNoiseMask", set_mask, {"samples": link("LATENT"), "mask": link("MASK")},
        ("LATENT",), "latent/inpaint", "Set Latent Noise Mask",
    ),
    Node(
        "RepeatLatentBatch", repeat, {"samples": link("LATENT"), "amount": whole(1, 1, 64, None)},
        ("LATENT",), "latent/batch", "Repeat Latent Batch",
    ),
    Node("VAEDecode", decode, {"samples": link("LATENT"), "vae": link("VAE")}, ("IMAGE",), "latent", "VAE Decode"),
    Node(
        "LatentUpscale", upscale,
        {
            "samples": link("LATENT"), "upscale_method": choice(*METHODS), "width": whole(512, 0, 16384, 8),
            "height": whole(512, 0, 16384, 8), "crop": choice("disabled", "center"),
        },
        ("LATENT",), "latent", "Upscale Latent",
    ),
    Node(
        "LatentUpscaleBy", upscale_by,
        {"samples": link("LATENT"), "upscale_method": choice(*METHODS), "scale_by": real(1.5, 0.01, 8.0)},
        ("LATENT",), "latent", "Upscale Latent By",
    ),
)  # fmt: skip
