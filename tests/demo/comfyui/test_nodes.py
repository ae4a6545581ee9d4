import importlib.util
import io
import json
from typing import Any

import pytest
from PIL import Image

from tests.demo.comfyui.conftest import Talk
from tests.demo.comfyui.graphs import txt2img


async def pictures(talk: Talk, graph: dict[str, Any]) -> list[bytes]:
    entry = await talk.run(graph)
    assert entry["status"]["completed"], entry["status"]["messages"][-1]
    items = [item for output in entry["outputs"].values() for item in output["images"]]
    return [(await talk.get("/view", params=item))[1] for item in items]


async def test_the_same_graph_gives_the_same_bytes_even_without_the_cache(talk: Talk) -> None:
    first = await pictures(talk, txt2img(batch=2))
    await talk.post("/free", {"free_memory": True})
    assert await pictures(talk, txt2img(batch=2)) == first
    assert first[0] != first[1]
    for other in (txt2img(seed=2), txt2img("a dog"), txt2img(width=128), txt2img(steps=4)):
        assert await pictures(talk, other) != first[:1]
    with Image.open(io.BytesIO(first[0])) as picture:
        assert json.loads(picture.info["prompt"])["3"]["class_type"] == "KSampler"


def custom_sampling(output: dict[str, Any]) -> dict[str, Any]:
    return {
        "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "demo/flux1-dev.safetensors", "weight_dtype": "default"}},
        "2": {"class_type": "DualCLIPLoader", "inputs": {
            "clip_name1": "clip_l.safetensors", "clip_name2": "t5xxl_fp8_e4m3fn.safetensors", "type": "flux"}},
        "3": {"class_type": "VAELoader", "inputs": {"vae_name": "ae.safetensors"}},
        "4": {"class_type": "LoraLoaderModelOnly", "inputs": {
            "model": ["1", 0], "lora_name": "demo-neon-glow.safetensors", "strength_model": 0.5}},
        "5": {"class_type": "CLIPTextEncode", "inputs": {"text": "a boat", "clip": ["2", 0]}},
        "6": {"class_type": "FluxGuidance", "inputs": {"conditioning": ["5", 0], "guidance": 3.5}},
        "7": {"class_type": "ModelSamplingFlux", "inputs": {
            "model": ["4", 0], "max_shift": 1.15, "base_shift": 0.5, "width": 96, "height": 96}},
        "8": {"class_type": "BasicGuider", "inputs": {"model": ["7", 0], "conditioning": ["6", 0]}},
        "9": {"class_type": "BasicScheduler", "inputs": {
            "model": ["7", 0], "scheduler": "simple", "steps": 2, "denoise": 1.0}},
        "10": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
        "11": {"class_type": "RandomNoise", "inputs": {"noise_seed": 5}},
        "12": {"class_type": "EmptyHunyuanLatentVideo", "inputs": {
            "width": 96, "height": 64, "length": 5, "batch_size": 1}},
        "13": {"class_type": "SamplerCustomAdvanced", "inputs": {
            "noise": ["11", 0], "guider": ["8", 0], "sampler": ["10", 0], "sigmas": ["9", 0], "latent_image": ["12", 0]}},
        "14": {"class_type": "VAEDecode", "inputs": {"samples": ["13", 0], "vae": ["3", 0]}},
        "15": output,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "inputs", "kind"),
    [
        ("SaveAnimatedWEBP", {"fps": 6.0, "lossless": False, "quality": 80, "method": "default"}, b"RIFF"),
        ("SaveAnimatedPNG", {"fps": 6.0, "compress_level": 4}, b"\x89PNG"),
        ("SaveWEBM", {"fps": 24.0, "codec": "vp9", "crf": 32}, b"\x1aE\xdf\xa3"),
    ],
)
async def test_films_are_written_by_the_custom_sampler_chain(
    talk: Talk, name: str, inputs: dict[str, Any], kind: bytes
) -> None:
    if name == "SaveWEBM" and importlib.util.find_spec("av") is None:
        pytest.skip("PyAV is not installed, so the class is not offered")
    output = {"class_type": name, "inputs": {"images": ["14", 0], "filename_prefix": "film", **inputs}}
    entry = await talk.run(custom_sampling(output))
    assert entry["outputs"]["15"]["animated"] == [True]
    _, content = await talk.get("/view", params=entry["outputs"]["15"]["images"][0])
    assert content.startswith(kind)


async def test_save_video_writes_an_mp4(talk: Talk) -> None:
    if importlib.util.find_spec("av") is None:
        pytest.skip("PyAV is not installed, so the class is not offered")
    save = {"video": ["16", 0], "filename_prefix": "video/x", "format": "auto", "codec": "auto"}
    graph = custom_sampling({"class_type": "SaveVideo", "inputs": save})
    graph["16"] = {"class_type": "CreateVideo", "inputs": {"images": ["14", 0], "fps": 16.0}}
    entry = await talk.run(graph)
    assert entry["outputs"]["15"]["images"] == [
        {"filename": "x_00001_.mp4", "subfolder": "video", "type": "output"}
    ]
    async with talk.http.get(
        f"{talk.standin.url}/view", params=entry["outputs"]["15"]["images"][0]
    ) as response:
        assert response.content_type == "video/mp4"
        assert (await response.read())[4:8] == b"ftyp"


async def test_sound_is_written_and_listed_under_its_own_key(talk: Talk) -> None:
    if importlib.util.find_spec("av") is None:
        pytest.skip("PyAV is not installed, so the class is not offered")
    sound = {"duration": 0.5, "sample_rate": 44100, "channels": 2}
    graph = {
        "1": {"class_type": "EmptyAudio", "inputs": sound},
        "2": {"class_type": "SaveAudio", "inputs": {"audio": ["1", 0], "filename_prefix": "audio/x"}},
    }
    (item,) = (await talk.run(graph))["outputs"]["2"]["audio"]
    assert item == {"filename": "x_00001_.flac", "subfolder": "audio", "type": "output"}
    assert (await talk.get("/view", params=item))[1].startswith(b"fLaC")


SIZED: list[tuple[str, dict[str, Any], tuple[int, int]]] = [
    ("ImageScale", {"upscale_method": "lanczos", "width": 40, "height": 0, "crop": "disabled"}, (40, 20)),
    ("ImageScale", {"upscale_method": "area", "width": 30, "height": 30, "crop": "center"}, (30, 30)),
    ("ImageScaleBy", {"upscale_method": "bilinear", "scale_by": 0.5}, (32, 16)),
    ("ImageScaleToTotalPixels", {"upscale_method": "bicubic", "megapixels": 0.01}, (145, 72)),
    ("ImageInvert", {}, (64, 32)),
    ("ImageCrop", {"width": 10, "height": 10, "x": 60, "y": 5}, (4, 10)),
    ("ImagePadForOutpaint", {"left": 8, "top": 0, "right": 8, "bottom": 16, "feathering": 4}, (80, 48)),
    ("RepeatImageBatch", {"amount": 2}, (64, 32)),
    ("ImageUpscaleWithModel", {"upscale_model": ["9", 0]}, (128, 64)),
    ("ImageBlend", {"image1": ["1", 0], "image2": ["1", 0], "blend_factor": 0.5, "blend_mode": "screen"}, (64, 32)),
    ("ImageCompositeMasked",
     {"destination": ["1", 0], "source": ["1", 0], "x": 3, "y": 3, "resize_source": False, "mask": ["8", 0]}, (64, 32)),
    ("ImageBatch", {"image1": ["1", 0], "image2": ["1", 0]}, (64, 32)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "size"), SIZED)
async def test_picture_nodes_work_for_real(
    talk: Talk, name: str, inputs: dict[str, Any], size: tuple[int, int]
) -> None:
    graph = {
        "1": {
            "class_type": "EmptyImage",
            "inputs": {"width": 64, "height": 32, "batch_size": 1, "color": 0xFF0000},
        },
        "2": {"class_type": name, "inputs": {"image": ["1", 0], **inputs}},
        "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 0]}},
        "7": {"class_type": "SolidMask", "inputs": {"value": 1.0, "width": 64, "height": 32}},
        "8": {"class_type": "GrowMask", "inputs": {"mask": ["7", 0], "expand": -2, "tapered_corners": True}},
        "9": {"class_type": "UpscaleModelLoader", "inputs": {"model_name": "demo-2x.pth"}},
    }
    with Image.open(io.BytesIO((await pictures(talk, graph))[0])) as picture:
        assert picture.size == size
        if name == "ImageInvert":
            assert picture.getpixel((0, 0)) == (0, 255, 255)


async def test_masks_and_plain_values_travel_along_links(talk: Talk) -> None:
    graph: dict[str, Any] = {
        "1": {"class_type": "PrimitiveInt", "inputs": {"value": 24}},
        "2": {"class_type": "SolidMask", "inputs": {"value": 1.0, "width": ["1", 0], "height": ["1", 0]}},
        "3": {"class_type": "InvertMask", "inputs": {"mask": ["2", 0]}},
        "4": {"class_type": "MaskToImage", "inputs": {"mask": ["3", 0]}},
        "5": {"class_type": "ImageToMask", "inputs": {"image": ["4", 0], "channel": "red"}},
        "6": {"class_type": "MaskToImage", "inputs": {"mask": ["5", 0]}},
        "7": {"class_type": "GetImageSize", "inputs": {"image": ["6", 0]}},
        "8": {"class_type": "PreviewAny", "inputs": {"source": ["7", 0]}},
    }
    assert (await talk.run(graph))["outputs"]["8"] == {"text": ["24"]}


async def test_a_picture_that_no_machine_could_hold_is_a_real_failure(talk: Talk) -> None:
    size = {"width": 16384, "height": 16384, "batch_size": 4096, "color": 1}
    entry = await talk.run(
        {
            "1": {"class_type": "EmptyImage", "inputs": size},
            "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
        }
    )
    _, data = entry["status"]["messages"][-1]
    assert data["exception_type"] == "RuntimeError"
    assert "can't allocate memory" in data["exception_message"]


def node(name: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": name, "inputs": inputs}


LATENTS: list[tuple[str, dict[str, Any], tuple[int, int], int]] = [
    ("EmptySD3LatentImage", {"width": 64, "height": 96, "batch_size": 2}, (64, 96), 2),
    ("Wan22ImageToVideoLatent",
     {"vae": ["1", 2], "width": 64, "height": 64, "length": 7, "batch_size": 1, "start_image": ["10", 0]}, (64, 64), 5),
    ("VAEEncodeForInpaint", {"pixels": ["10", 0], "vae": ["1", 2], "mask": ["11", 0], "grow_mask_by": 6}, (64, 48), 1),
    ("LatentUpscale",
     {"samples": ["12", 0], "upscale_method": "bicubic", "width": 128, "height": 0, "crop": "disabled"}, (128, 96), 1),
    ("LatentUpscale",
     {"samples": ["12", 0], "upscale_method": "bicubic", "width": 0, "height": 0, "crop": "disabled"}, (64, 48), 1),
    ("LatentUpscaleBy", {"samples": ["12", 0], "upscale_method": "area", "scale_by": 1.5}, (96, 72), 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "size", "count"), LATENTS)
async def test_latents_keep_size_and_number_through_the_sampler(
    talk: Talk, name: str, inputs: dict[str, Any], size: tuple[int, int], count: int
) -> None:
    graph = {
        "1": node("CheckpointLoaderSimple", ckpt_name="demo-painter-night.safetensors"),
        "2": node("LoraLoader", model=["1", 0], clip=["1", 1], lora_name="style/demo-soft-ink.safetensors",
                  strength_model=1.0, strength_clip=1.0),
        "3": node("CLIPSetLastLayer", clip=["2", 1], stop_at_clip_layer=-2),
        "4": node("CLIPTextEncodeFlux", clip=["3", 0], clip_l="a dog", t5xxl="a dog by a boat", guidance=3.5),
        "5": node("CLIPTextEncode", clip=["3", 0], text="with a mountain"),
        "6": node("ConditioningCombine", conditioning_1=["4", 0], conditioning_2=["5", 0]),
        "7": node("ConditioningZeroOut", conditioning=["4", 0]),
        "10": node("EmptyImage", width=64, height=48, batch_size=1, color=255),
        "11": node("SolidMask", value=1.0, width=64, height=48),
        "12": node("VAEEncode", pixels=["10", 0], vae=["1", 2]),
        "20": node(name, **inputs),
        "21": node("KSamplerAdvanced", model=["2", 0], add_noise="enable", noise_seed=3, steps=4, cfg=5.0,
                   sampler_name="euler", scheduler="karras", positive=["6", 0], negative=["7", 0],
                   latent_image=["20", 0], start_at_step=1, end_at_step=3, return_with_leftover_noise="disable"),
        "22": node("VAEDecode", samples=["21", 0], vae=["1", 2]),
        "23": node("SaveImage", images=["22", 0], filename_prefix="x"),
    }  # fmt: skip
    found = await pictures(talk, graph)
    assert len(found) == count
    with Image.open(io.BytesIO(found[0])) as picture:
        assert picture.size == size


@pytest.mark.parametrize("name", ["InpaintModelConditioning", "WanImageToVideo"])
async def test_nodes_that_give_conditioning_and_latent_together(talk: Talk, name: str) -> None:
    more: dict[str, Any] = {"pixels": ["10", 0], "mask": ["11", 0], "noise_mask": True}
    if name == "WanImageToVideo":
        more = {"width": 64, "height": 64, "length": 5, "batch_size": 1}
    graph = {
        "1": node("UNETLoader", unet_name="wan2.1_t2v_1.3B_demo.safetensors", weight_dtype="default"),
        "2": node("CLIPLoader", clip_name="umt5_xxl_fp8_e4m3fn_scaled.safetensors", type="wan"),
        "3": node("VAELoader", vae_name="wan_2.1_vae.safetensors"),
        "4": node("ModelSamplingSD3", model=["1", 0], shift=8.0),
        "5": node("CLIPTextEncode", clip=["2", 0], text="海边的花"),
        "10": node("EmptyImage", width=64, height=64, batch_size=1, color=255),
        "11": node("SolidMask", value=1.0, width=64, height=64),
        "12": node(name, positive=["5", 0], negative=["5", 0], vae=["3", 0], **more),
        "13": node("CFGGuider", model=["4", 0], positive=["12", 0], negative=["12", 1], cfg=3.0),
        "14": node("BasicScheduler", model=["4", 0], scheduler="simple", steps=2, denoise=1.0),
        "15": node("KSamplerSelect", sampler_name="uni_pc"),
        "16": node("RandomNoise", noise_seed=1),
        "17": node("SamplerCustomAdvanced", noise=["16", 0], guider=["13", 0], sampler=["15", 0], sigmas=["14", 0],
                   latent_image=["12", 2]),
        "18": node("VAEDecode", samples=["17", 1], vae=["3", 0]),
        "19": node("PreviewImage", images=["18", 0]),
    }  # fmt: skip
    assert len(await pictures(talk, graph)) == (5 if name == "WanImageToVideo" else 1)


async def test_a_denoise_of_nothing_leaves_the_picture_alone(talk: Talk) -> None:
    graph = txt2img()
    graph["10"] = node("EmptyImage", width=96, height=96, batch_size=1, color=0x102030)
    graph["5"] = node("VAEEncode", pixels=["10", 0], vae=["4", 2])
    graph["3"]["inputs"]["denoise"] = 0.0
    with Image.open(io.BytesIO((await pictures(talk, graph))[0])) as picture:
        assert picture.getcolors() == [(96 * 96, (0x10, 0x20, 0x30))]
