"""What can be guessed of a node class that no server has described: from its name and those of its inputs."""

from collections.abc import Mapping

from bot.workflows.graph.graph import is_link
from bot.workflows.graph.schema import looks_like_model_file

_TYPE_BY_INPUT: Mapping[str, str] = {
    "positive": "CONDITIONING", "negative": "CONDITIONING", "conditioning": "CONDITIONING",
    "cond1": "CONDITIONING", "cond2": "CONDITIONING",
    "guider": "GUIDER", "sampler": "SAMPLER", "sigmas": "SIGMAS", "noise": "NOISE",
    "model": "MODEL", "clip": "CLIP", "vae": "VAE", "control_net": "CONTROL_NET",
    "latent_image": "LATENT", "latent": "LATENT", "samples": "LATENT", "samples1": "LATENT", "samples2": "LATENT",
    "image": "IMAGE", "images": "IMAGE", "pixels": "IMAGE", "mask": "MASK", "audio": "AUDIO", "video": "VIDEO",
    "text": "STRING", "prompt": "STRING", "upscale_model": "UPSCALE_MODEL", "mesh": "MESH",
    "pipe": "PIPE_LINE", "basic_pipe": "BASIC_PIPE", "base_ctx": "CONTEXT", "context": "CONTEXT", "ctx": "CONTEXT",
    "lora_stack": "LORA_STACK",
}  # fmt: skip
"""What a well-known input takes; used only where the server's word is missing."""

WELL_KNOWN_SLOTS: Mapping[tuple[str, int], str] = {
    ("CheckpointLoaderSimple", 0): "MODEL", ("CheckpointLoaderSimple", 1): "CLIP", ("CheckpointLoaderSimple", 2): "VAE",
    ("LoraLoader", 0): "MODEL", ("LoraLoader", 1): "CLIP",
    ("LoadImage", 0): "IMAGE", ("LoadImage", 1): "MASK",
}  # fmt: skip


def is_saver_name(class_type: str) -> bool:
    """Tell by its name whether a class nobody described is an output node."""
    name = class_type.lower()
    return (
        name.startswith(("save", "preview", "showtext", "imagecompare", "image comparer"))
        or "videocombine" in name
        or "diffcombine" in name
        or name.endswith(("save", "preview"))
    )


def guess_type(name: str, value: object) -> str:
    """Return the link type an input probably takes, by its value or its name."""
    if not is_link(value):
        return _literal_type(value)
    base = name.rsplit(".", 1)[-1].lower()
    if base in _TYPE_BY_INPUT:
        return _TYPE_BY_INPUT[base]
    stem = base.rstrip("0123456789").rstrip("_")
    if stem in _TYPE_BY_INPUT:
        return _TYPE_BY_INPUT[stem]
    for prefix, kind in (("conditioning", "CONDITIONING"), ("string", "STRING"), ("text", "STRING")):
        if base.startswith(prefix):
            return kind
    return "*"


def _literal_type(value: object) -> str:
    match value:
        case bool():
            return "BOOLEAN"
        case int():
            return "INT"
        case float():
            return "FLOAT"
        case str():
            return "COMBO" if looks_like_model_file(value) else "STRING"
        case _:
            return "*"
