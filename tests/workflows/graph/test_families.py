"""Which family a file is of, by what trainers and ComfyUI write."""

import pytest

from bot.workflows.graph.families import family_encoded, family_in, family_named
from tests.workflows.made import node


@pytest.mark.parametrize(
    ("metadata", "family"),
    [
        ({"modelspec.architecture": "stable-diffusion-xl-v1-base/lora"}, "sdxl"),
        ({"modelspec.architecture": "stable-diffusion-v1/lora"}, "sd1"),
        ({"modelspec.architecture": "stable-diffusion-v2-768-v"}, "sd2"),
        ({"modelspec.architecture": "Flux.1-dev/lora"}, "flux"),
        ({"modelspec.architecture": "flux-1-dev/lora"}, "flux"),
        ({"modelspec.architecture": "stable-diffusion-3-medium/lora"}, "sd3"),
        ({"ss_base_model_version": "sdxl_base_v1-0"}, "sdxl"),
        ({"ss_base_model_version": "sd_v1"}, "sd1"),
        ({"ss_base_model_version": "sd_1.5"}, "sd1"),
        ({"ss_base_model_version": "sd3.5_large"}, "sd3"),
        ({"ss_base_model_version": "flux1"}, "flux"),
        ({"ss_base_model_version": "wan2.1"}, "wan"),
        ({"modelspec.architecture": "unheard-of", "ss_base_model_version": "sd_v2_v"}, "sd2"),
        ({"modelspec.architecture": ["flux"], "ss_base_model_version": 1}, None),
        ({"modelspec.architecture": "x" * 1_000_000 + "flux"}, None),
        ({}, None),
    ],
)
def test_headers(metadata: dict[str, object], family: str | None) -> None:
    assert family_in(metadata) == family


@pytest.mark.parametrize(
    ("file", "family"),
    [
        ("sd_xl_base_1.0.safetensors", "sdxl"),
        ("ponyDiffusionV6XL.safetensors", "sdxl"),
        ("v1-5-pruned-emaonly-fp16.safetensors", "sd1"),
        ("v2-1_768-ema-pruned.safetensors", "sd2"),
        ("sd3.5_large_fp8_scaled.safetensors", "sd3"),
        ("demo/flux1-dev.safetensors", "flux"),
        ("flux/dreamshaper_8.safetensors", None),
        ("wan2.1_t2v_1.3B_demo.safetensors", "wan"),
        ("qwen_image_2512_fp8_e4m3fn.safetensors", "qwen"),
        ("z_image_turbo_int8_convrot.safetensors", "z-image"),
        ("taiwan2.safetensors", None),
        ("flux-to-sdxl.safetensors", None),
        ("", None),
    ],
)
def test_names(file: str, family: str | None) -> None:
    assert family_named(file) == family


def test_loaders_of_text_encoders() -> None:
    assert family_encoded({"1": node("CLIPLoader", clip_name="x", type="wan")}) == "wan"
    assert family_encoded({"1": node("DualCLIPLoader", clip_name1="x", clip_name2="y")}) is None
    both = {"1": node("CLIPLoader"), "2": node("CLIPLoader")}
    both["1"]["inputs"]["type"], both["2"]["inputs"]["type"] = "wan", "flux"
    assert family_encoded(both) is None
