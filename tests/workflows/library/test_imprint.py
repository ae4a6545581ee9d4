"""What pictures say of themselves is read whoever wrote it, and nothing in them does harm."""

import io
import json
import random
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.media.metadata.infotext import LONGEST, parse_infotext
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.imprint import Program, read_imprint
from tests.linear import seconds
from tests.workflows.made import server

INFO = server()
GRAPH: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dream.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["1", 1]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "rain", "clip": ["1", 1]}},
    "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
    "5": {
        "class_type": "KSampler",
        "inputs": {
            "model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0],
            "seed": 7, "steps": 20, "cfg": 6.5, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
        },
    },
    "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
    "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0], "filename_prefix": "x"}},
}  # fmt: skip
SETTINGS = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1234, Size: 512x768"


def png(**texts: str) -> bytes:
    info, out = PngInfo(), io.BytesIO()
    for key, text in texts.items():
        info.add_text(key, text)
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def with_comment(format_: str, text: str) -> bytes:
    exif, out = Image.Exif(), io.BytesIO()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode("utf-16-be")
    Image.new("RGB", (8, 8)).save(out, format_, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("info", [INFO, None], ids=["known classes", "unknown classes"])
def test_a_graph_of_comfyui_is_read_as_parameters(info: ObjectInfo | None) -> None:
    imprint = read_imprint(png(prompt=json.dumps(GRAPH)), info)
    assert imprint is not None
    assert imprint.program is Program.COMFYUI
    wanted = {"prompt": "a fox", "negative_prompt": "rain", "seed": 7, "steps": 20, "cfg": 6.5, "width": 512}
    assert wanted.items() <= imprint.values.items()
    assert set(imprint.graph) == set(GRAPH)


@pytest.mark.parametrize(
    "data",
    [
        png(parameters=f"a fox\nin snow\nNegative prompt: rain\n{SETTINGS}"),
        with_comment("JPEG", f"a fox\nin snow\nNegative prompt: rain\n{SETTINGS}"),
        png(parameters=f"a fox\nin snow\nNegative prompt: rain\n{SETTINGS}", prompt="{broken"),
    ],
    ids=["PNG", "JPEG", "a broken graph beside it"],
)
def test_the_text_of_web_uis_is_read(data: bytes) -> None:
    imprint = read_imprint(data, INFO)
    assert imprint is not None
    assert imprint.program is Program.WEBUI
    assert imprint.values == {
        "prompt": "a fox\nin snow", "negative_prompt": "rain", "steps": "20", "sampler": "Euler a", "cfg": "7",
        "seed": "1234", "width": "512", "height": "768",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (SETTINGS, {"steps": "20"}),
        (f'a\n{SETTINGS}, Lora hashes: "ink: 1, gold: 2"', {"Lora hashes": "ink: 1, gold: 2"}),
        (f"a\n{SETTINGS}, Denoising strength: 0.4, Model: x", {"denoise": "0.4", "model": "x"}),
        (f"a, Steps: 3\n{SETTINGS}", {"steps": "20"}),
        (
            f'a\n{SETTINGS}, TI: "a \\"b\\", c: d", Version: v1.9',
            {"TI": 'a \\"b\\", c: d', "Version": "v1.9"},
        ),
        (f'a\n{SETTINGS}, Odd: "open, Version: v1.9', {"Odd": "open", "Version": "v1.9"}),
        (f"a\n{SETTINGS}, no pair at all, (Hires upscale: 2", {"Hires upscale": "2"}),
    ],
)
def test_settings_have_our_names_where_we_have_one(text: str, settings: dict[str, str]) -> None:
    found = parse_infotext(text)
    assert found is not None
    assert settings.items() <= found.settings.items()


@pytest.mark.parametrize(
    "text", ["", "a poem: about, foxes: red", "Steps: 20", "a\n" * 5, "{" * 50_000, '"' * 9999]
)
def test_other_words_are_left_alone(text: str) -> None:
    assert parse_infotext(text) is None
    assert read_imprint(png(parameters=text), INFO) is None


@pytest.mark.parametrize(
    "unit",
    [" ", "a", "a ", "a:", 'a:"', 'a:"\\', 'a:"",', "a: ,", ",", '"', "\\", ":", ", ", "a/-", "\n", "é", "1"],
)
@pytest.mark.parametrize("end", ["a", ":", '"', ",", ""])
def test_no_text_takes_long_to_read(unit: str, end: str) -> None:
    start = "x\nSteps: 1, Seed: 1, a"
    for longest in (12_000, LONGEST):
        text = start + (unit * longest)[: longest - len(start)] + end
        assert seconds(lambda text=text: parse_infotext(text), tries=2) < 0.1


def test_a_picture_of_very_many_texts_is_read_no_further_than_one_would_write() -> None:
    info, out = PngInfo(), io.BytesIO()
    for number in range(3000):
        info.add_text(f"parameters{number}", "x" * 3000 + "\nSteps: 1, a", zip=True)
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=info)
    assert seconds(lambda: read_imprint(out.getvalue(), INFO), tries=2) < 0.5


def test_texts_that_unpack_to_very_much_are_not_unpacked() -> None:
    info, out = PngInfo(), io.BytesIO()
    for number in range(200):
        info.add_text(f"parameters{number}", "x" * 4_000_000, zip=True)
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=info)
    assert seconds(lambda: read_imprint(out.getvalue(), INFO), tries=1) < 0.5


@pytest.mark.parametrize("unit", ["[],", '"a":0,', "1.5,"])
def test_a_graph_of_nothing_but_values_is_not_read(unit: str) -> None:
    data = png(prompt="[" + (unit * 1_000_000)[:4_900_000] + "0]", workflow="{" + unit * 700_000)
    assert seconds(lambda: read_imprint(data, INFO), tries=2) < 0.25


def test_nothing_in_a_file_does_harm() -> None:
    dice = random.Random(3)
    whole = png(parameters=f"a\n{SETTINGS}", prompt=json.dumps(GRAPH))
    for _ in range(300):
        data = bytearray(whole[: dice.randrange(len(whole))])
        for _ in range(dice.randrange(4)):
            data[dice.randrange(len(data))] = dice.randrange(256) if data else 0
        read_imprint(bytes(data), INFO)
    assert read_imprint(png(prompt=json.dumps({"1": {"class_type": 5}})), INFO) is None
    assert read_imprint(png(prompt="[" * 200_000), INFO) is None
