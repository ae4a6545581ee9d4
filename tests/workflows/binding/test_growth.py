"""What comes out of a graph, by what goes in."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.workflows.binding.growth import LARGEST_SIDE, Growth, growth_of
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.library import Library

ROOT = Path(__file__).parents[3]


def loaded(tmp_path: Path, *between: tuple[str, dict[str, Any]], model: str | None = None) -> Any:
    """Return a workflow that loads a picture and does these things to it, one after the other."""
    graph: dict[str, Any] = {"1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}}}
    if model is not None:
        graph["model"] = {"class_type": "UpscaleModelLoader", "inputs": {"model_name": model}}
    last = "1"
    for number, (kind, inputs) in enumerate(between, start=2):
        graph[str(number)] = {"class_type": kind, "inputs": {"image": [last, 0], **inputs}}
        last = str(number)
    graph["save"] = {"class_type": "SaveImage", "inputs": {"images": [last, 0], "filename_prefix": "x"}}
    (tmp_path / "one.json").write_text(json.dumps(graph))
    return Library(tmp_path, "one")


async def grown(library: Library, size: tuple[int, int]) -> Growth | None:
    await library.load()
    workflow = library.get("one")
    return growth_of(workflow, workflow.graph, None, {"image": size})


BY_MODEL: tuple[str, dict[str, Any]] = ("ImageUpscaleWithModel", {"upscale_model": ["model", 0]})


@pytest.mark.parametrize(
    ("model", "factor"),
    [
        ("RealESRGAN_x4plus.safetensors", 4),
        ("4x-UltraSharp.pth", 4),
        ("2xNomosUni_span.pth", 2),
        ("demo-2x.pth", 2),
        ("8x_NMKD-Superscale_150000_G.pth", 8),
        ("1x-ITF-SkinDiffDetail-Lite-v1.pth", 1),
        ("upscalers/x1_denoise.pth", 1),
        ("swin2SR.pth", 4),
        ("model1024x1024.pth", 4),
        ("99x_of_a_joker.pth", 16),
    ],
)
async def test_a_models_name_says_how_much(tmp_path: Path, model: str, factor: int) -> None:
    growth = await grown(loaded(tmp_path, BY_MODEL, model=model), (100, 60))
    assert growth == Growth((100, 60), (100 * factor, 60 * factor), (100 * factor, 60 * factor))


@pytest.mark.parametrize(
    ("steps", "after", "largest"),
    [
        ([], (100, 60), (100, 60)),
        ([("ImageInvert", {})], (100, 60), (100, 60)),
        ([("ImageScaleBy", {"scale_by": 2.5})], (250, 150), (250, 150)),
        ([BY_MODEL, ("ImageScaleBy", {"scale_by": 0.5})], (200, 120), (400, 240)),
        ([BY_MODEL, BY_MODEL], (1600, 960), (1600, 960)),
        ([("ImageScale", {"width": 640, "height": 480})], (640, 480), (640, 480)),
        ([("ImageScale", {"width": 0, "height": 480})], (800, 480), (800, 480)),
        ([("ImageScaleToTotalPixels", {"megapixels": 1.0})], (1322, 793), (1322, 793)),
        ([("ImageScaleToMaxDimension", {"largest_size": 50})], (50, 30), (50, 30)),
        (
            [("UltimateSDUpscale", {"upscale_by": 2.0, "upscale_model": ["model", 0]})],
            (200, 120),
            (200, 120),
        ),
    ],
)
async def test_every_way_of_resizing_counts(
    tmp_path: Path, steps: list[Any], after: tuple[int, int], largest: tuple[int, int]
) -> None:
    assert await grown(loaded(tmp_path, *steps, model="4x.pth"), (100, 60)) == Growth(
        (100, 60), after, largest
    )


async def test_the_workflows_that_come_with_the_bot() -> None:
    library = Library(ROOT / "workflows", "txt2img")
    await library.load()
    found = {
        name: growth_of(library.get(name), library.get(name).graph, None, {"image": (1024, 1024)})
        for name in ("upscale", "img2img", "txt2img")
    }
    assert found["upscale"] is not None
    assert found["upscale"].after == (4096, 4096)
    assert found["img2img"] is not None
    assert found["img2img"].after == (1024, 1024)
    assert found["txt2img"] is None, "it takes no picture"
    photo = growth_of(library.get("img2img"), library.get("img2img").graph, None, {"image": (8000, 6000)})
    assert photo is not None
    assert photo.largest[0] * photo.largest[1] < 1_100_000, "it is made smaller at once"


async def test_a_picture_that_is_shown_as_it_came_is_as_large_as_it_came(tmp_path: Path) -> None:
    shown = {"python_module": "nodes", "output_node": True, "output": ["IMAGE"], "output_name": ["IMAGE"],
             "input": {"required": {"image": [["a.png"], {"image_upload": True}]}}}  # fmt: skip
    (tmp_path / "one.json").write_text('{"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}')
    library, info = Library(tmp_path, "one"), ObjectInfo({"LoadImage": shown})
    await library.load(info)
    workflow = library.get("one")
    growth = growth_of(workflow, workflow.graph, info, {"image": (100, 60)})
    assert growth == Growth((100, 60), (100, 60), (100, 60))


async def test_absurd_numbers_are_counted_as_large(tmp_path: Path) -> None:
    steps = [("ImageScaleBy", {"scale_by": 1e308})] * 2
    growth = await grown(loaded(tmp_path, *steps), (100, 60))
    assert growth is not None
    assert growth.after == (LARGEST_SIDE, LARGEST_SIDE)
