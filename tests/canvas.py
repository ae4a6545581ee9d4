"""A workflow as ComfyUI saves it from its canvas, made of classes the stand-in knows."""

import io
import json
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.workflows.convert.drawing import Drawing

USUAL = "v1-5-pruned-emaonly-fp16.safetensors"


def canvas(checkpoint: str = USUAL) -> dict[str, Any]:
    """Return the picture from words that everybody begins with, in UI format."""
    texts = {"wires": {"clip": "4:1 CLIP"}, "outputs": ["CONDITIONING"]}
    steered = {"model": "4:0 MODEL", "positive": "6:0 CONDITIONING", "negative": "7:0 CONDITIONING"}
    drawing = (
        Drawing()
        .add(4, "CheckpointLoaderSimple", [checkpoint], outputs=["MODEL", "CLIP", "VAE"])
        .add(5, "EmptyLatentImage", [512, 512, 1], outputs=["LATENT"])
        .add(6, "CLIPTextEncode", ["a glass bottle, galaxy"], **texts)
        .add(7, "CLIPTextEncode", ["text, watermark"], **texts)
        .add(
            3,
            "KSampler",
            [156680208700286, "randomize", 20, 8, "euler", "normal", 1],
            outputs=["LATENT"],
            wires={**steered, "latent_image": "5:0 LATENT"},
        )
        .add(8, "VAEDecode", [], outputs=["IMAGE"], wires={"samples": "3:0 LATENT", "vae": "4:2 VAE"})
        .add(9, "SaveImage", ["ComfyUI"], wires={"images": "8:0 IMAGE"})
        .add(10, "MarkdownNote", ["What this is for"])
    )
    return drawing.document(last_node_id=10)


def saved_picture(prompt: dict[str, Any]) -> bytes:
    """Return a PNG with a graph written into it, as SaveImage does."""
    written = PngInfo()
    written.add_text("prompt", json.dumps(prompt))
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(out, "PNG", pnginfo=written)
    return out.getvalue()
