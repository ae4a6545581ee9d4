"""Graphs the tests of the stand-in run."""

from typing import Any

Graph = dict[str, Any]


def txt2img(prompt: str = "a cat", seed: int = 1, *, steps: int = 3, width: int = 96, batch: int = 1,
            prefix: str = "ComfyUI") -> Graph:  # fmt: skip
    return {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "demo-painter.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": width, "height": 96, "batch_size": batch}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": prompt, "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "bad", "clip": ["4", 1]}},
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "seed": seed, "steps": steps, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal",
                "denoise": 1.0, "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0],
                "latent_image": ["5", 0],
            },
        },
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": prefix}},
    }  # fmt: skip


def img2img(image: str, prompt: str = "a house", *, denoise: float = 0.5, mask: str | None = None) -> Graph:
    graph = txt2img(prompt)
    graph["10"] = {"class_type": "LoadImage", "inputs": {"image": image}}
    graph["5"] = {"class_type": "VAEEncode", "inputs": {"pixels": ["10", 0], "vae": ["4", 2]}}
    graph["3"]["inputs"]["denoise"] = denoise
    if mask is not None:
        graph["11"] = {"class_type": "LoadImageMask", "inputs": {"image": mask, "channel": "red"}}
        graph["12"] = {"class_type": "SetLatentNoiseMask", "inputs": {"samples": ["5", 0], "mask": ["11", 0]}}
        graph["3"]["inputs"]["latent_image"] = ["12", 0]
    return graph


def empty_image(color: int = 7, output: str = "PreviewImage") -> Graph:
    size = {"width": 16, "height": 16, "batch_size": 1, "color": color}
    inputs: dict[str, Any] = {"images": ["1", 0]}
    if output == "SaveImage":
        inputs["filename_prefix"] = "rec/empty"
    return {
        "1": {"class_type": "EmptyImage", "inputs": size},
        "2": {"class_type": output, "inputs": inputs},
    }
