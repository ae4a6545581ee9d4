"""The folders of the stand-in: input, output and temp on disk, and model files that exist by name only."""

import re
import secrets
import shutil
import string
from collections.abc import Mapping
from pathlib import Path

ROOTS = ("input", "output", "temp")
PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"}
MODEL_FOLDERS: dict[str, tuple[str, ...]] = {
    "checkpoints": ("demo-painter.safetensors", "demo-painter-night.safetensors"),
    "configs": (),
    "loras": ("demo-neon-glow.safetensors", "style/demo-soft-ink.safetensors"),
    "vae": ("ae.safetensors", "demo-vae.safetensors", "wan_2.1_vae.safetensors"),
    "text_encoders": (
        "clip_l.safetensors",
        "t5xxl_fp8_e4m3fn.safetensors",
        "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
    ),
    "diffusion_models": ("demo/flux1-dev.safetensors", "wan2.1_t2v_1.3B_demo.safetensors"),
    "clip_vision": (),
    "style_models": (),
    "embeddings": ("demo-negative.safetensors",),
    "controlnet": (),
    "upscale_models": ("demo-2x.pth", "demo-4x.pth"),
    "hypernetworks": (),
}

USUAL_FILES: dict[str, tuple[str, ...]] = {
    "checkpoints": (
        "512-inpainting-ema.safetensors",
        "architecturerealmix_v11.safetensors",
        "awpainting_v14.safetensors",
        "dreamshaper_8.safetensors",
        "DreamShaper_8_pruned.safetensors",
        "flux1-dev-fp8.safetensors",
        "flux1-schnell-fp8.safetensors",
        "interiordesignsuperm_v2.safetensors",
        "japaneseStyleRealistic_v20.safetensors",
        "majicmixRealistic_v7.safetensors",
        "NetaYumev35_pretrained_all_in_one.safetensors",
        "sd3.5_large_fp8_scaled.safetensors",
        "sd_xl_base_1.0.safetensors",
        "sd_xl_refiner_1.0.safetensors",
        "v1-5-pruned-emaonly-fp16.safetensors",
        "v2-1_768-ema-pruned.safetensors",
    ),
    "loras": (
        "blindbox_v1_mix.safetensors",
        "illustration-1.0-qwen-image.safetensors",
        "removal_timestep_alpha-2-1740.safetensors",
        "wan2.2_i2v_lightx2v_4steps_lora_v1_high_noise.safetensors",
        "wan2.2_i2v_lightx2v_4steps_lora_v1_low_noise.safetensors",
        "Wuli-Qwen-Image-2512-Turbo-LoRA-2steps-V1.0-bf16.safetensors",
    ),
    "text_encoders": (
        "clip_g_hidream.safetensors",
        "clip_l_hidream.safetensors",
        "llama_3.1_8b_instruct_fp8_scaled.safetensors",
        "ovis_2.5.safetensors",
        "qwen_2.5_vl_7b_fp8_scaled.safetensors",
        "qwen_3_4b_fp8_mixed.safetensors",
        "t5xxl_fp16.safetensors",
        "t5xxl_fp8_e4m3fn_scaled.safetensors",
    ),
    "diffusion_models": (
        "flux.1-fill-dev-OneReward-transformer_fp8.safetensors",
        "flux1-fill-dev.safetensors",
        "flux1-krea-dev_fp8_scaled.safetensors",
        "flux1-schnell.safetensors",
        "hidream_i1_full_fp8.safetensors",
        "kandinsky5lite_t2i.safetensors",
        "ovis_image_bf16.safetensors",
        "qwen_image_2512_fp8_e4m3fn.safetensors",
        "qwen_image_fp8_e4m3fn.safetensors",
        "wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
        "wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors",
        "z_image_turbo_int8_convrot.safetensors",
    ),
    "vae": (
        "qwen_image_vae.safetensors",
        "vae-ft-mse-840000-ema-pruned.safetensors",
    ),
    "controlnet": (
        "control_v11f1p_sd15_depth_fp16.safetensors",
        "control_v11p_sd15_openpose_fp16.safetensors",
        "control_v11p_sd15_scribble_fp16.safetensors",
        "controlnetT2IAdapter_t2iAdapterDepth.safetensors",
        "sd3.5_large_controlnet_depth.safetensors",
    ),
    "upscale_models": ("RealESRGAN_x4plus.safetensors",),
}
"""What ComfyUI's own templates ask for, so that they can be tried out; by name only, like all the others."""


class OutsideError(Exception):
    """A path that leaves the folder it must stay in."""


class Folders:
    """Finds and names files below one data directory, like the server's folder paths."""

    def __init__(self, data_dir: Path) -> None:
        self.base = data_dir
        self.models = {folder: list(names) for folder, names in MODEL_FOLDERS.items()}
        self.headers: dict[tuple[str, str], dict[str, str]] = {}
        """What model files say of themselves, by folder and name."""
        self.temp_prefix = "ComfyUI_temp_" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(5))

    def add(self, files: Mapping[str, tuple[str, ...]]) -> None:
        """Offer these model files besides those there are."""
        for folder, names in files.items():
            there = self.models.setdefault(folder, [])
            there += [name for name in names if name not in there]

    def make(self) -> None:
        """Create the folders and empty temp, as every start of the server does."""
        shutil.rmtree(self.base / "temp", ignore_errors=True)
        for root in ROOTS:
            (self.base / root).mkdir(parents=True, exist_ok=True)

    def root(self, kind: str) -> Path:
        """Return the folder of a file type; raises KeyError for a type that is none."""
        if kind not in ROOTS:
            raise KeyError(kind)
        return (self.base / kind).resolve()

    def inside(self, kind: str, subfolder: str) -> Path:
        """Return the subfolder of a root; raises OutsideError when it leaves the root."""
        root = self.root(kind)
        path = (root / subfolder).resolve()
        if not path.is_relative_to(root):
            raise OutsideError(subfolder)
        return path

    def annotated(self, name: str) -> Path:
        """Return the file a value such as `sub/x.png [output]` names; input is the default root."""
        base, kind = split_annotation(name)
        return self.inside(kind or "input", base)

    def input_pictures(self) -> list[str]:
        """Return the pictures at the top of the input folder, as LoadImage lists them."""
        files = (path for path in self.root("input").iterdir() if path.is_file())
        return sorted(path.name for path in files if path.suffix.lower() in PICTURE_SUFFIXES)

    def options(self, folder: str) -> list[str]:
        """Return the files a loader offers, read at the time of asking."""
        return self.input_pictures() if folder == "input" else list(self.models.get(folder, []))

    def next_names(self, prefix: str, kind: str, suffix: str, count: int) -> list[tuple[Path, str]]:
        """Return paths and subfolder for `count` new files; the counter goes on after the highest one there."""
        root = self.root(kind)
        subfolder = str(Path(prefix).parent) if "/" in prefix else ""
        stem = Path(prefix).name if prefix else "."
        folder = (root / subfolder).resolve()
        if not folder.is_relative_to(root):
            raise ValueError(
                "**** ERROR: Saving image outside the output folder is not allowed.\n"
                f" full_output_folder: {folder}\n         output_dir: {root}\n         commonpath: {root.parent} "
            )
        folder.mkdir(parents=True, exist_ok=True)
        pattern = re.compile(re.escape(stem) + r"_(\d+)_?\.")
        found = (pattern.match(path.name) for path in folder.iterdir())
        first = max((int(match[1]) for match in found if match), default=0) + 1
        names = (f"{stem}_{number:05}_{suffix}" for number in range(first, first + count))
        return [(folder / name, subfolder) for name in names]


def split_annotation(name: str) -> tuple[str, str | None]:
    """Split `x.png [input]` into the name and the root it names."""
    for kind in ROOTS:
        if name.endswith(f"[{kind}]"):
            return name[: -len(kind) - 2].rstrip(" "), kind
    return name, None
