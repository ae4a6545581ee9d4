"""What a picture says of its making is still there when it was made smaller, where that is cheap."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.media.encoding import pictures
from bot.workflows.library.embedded_graphs import find_embedded
from tests.media.encoding.samples import noise, painting
from tests.media.encoding.trying import must, picture

PROMPT = {"1": {"class_type": "SaveImage", "inputs": {"filename_prefix": "Käse 猫"}}}
WORKFLOW = {"nodes": [], "version": 0.4}


def texts(**more: Any) -> dict[str, Any]:
    info = PngInfo()
    for key, value in {"prompt": PROMPT, "workflow": WORKFLOW, **more}.items():
        info.add_itxt(key, json.dumps(value, ensure_ascii=False))
    return {"pnginfo": info}


def exif() -> dict[str, Any]:
    made = Image.Exif()
    made[0x0110], made[0x010F] = f"prompt:{json.dumps(PROMPT)}", f"workflow:{json.dumps(WORKFLOW)}"
    return {"exif": made}


@pytest.mark.parametrize("share", [0.95, 0.3, 0.1])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "animated", "JPEG"])
def test_the_graphs_are_carried_over(kind: str, share: float, tmp_path: Path) -> None:
    options = texts() if kind == "PNG" else exif()
    if kind == "animated":
        options |= {"save_all": True, "append_images": [noise((200, 200), seed=2)], "lossless": True}
    source = picture(tmp_path / "a", noise((200, 200)), "WEBP" if kind == "animated" else kind, **options)
    found = find_embedded(must(source, share).path.read_bytes())
    assert found is not None
    assert (found.prompt, found.workflow) == (PROMPT, WORKFLOW)


def test_a_jpeg_carries_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "WEBP_PIXELS", 1)
    made = must(picture(tmp_path / "a", noise((200, 200)), "PNG", **texts()), 0.3)
    assert made.path.suffix == ".jpg"
    found = find_embedded(made.path.read_bytes())
    assert found is not None
    assert found.prompt == PROMPT


def test_what_is_too_long_is_left_behind_and_what_was_run_matters_most(tmp_path: Path) -> None:
    long = {"nodes": ["x" * 100_000]}
    source = picture(tmp_path / "a", painting((300, 300)), "PNG", **texts(workflow=long))
    found = find_embedded(must(source, 0.5).path.read_bytes())
    assert found is not None
    assert (found.prompt, found.workflow) == (PROMPT, None)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damage_to_what_is_said_does_no_harm_to_the_picture(tmp_path: Path) -> None:
    source = picture(
        tmp_path / "a",
        noise((200, 200)),
        "JPEG",
        quality=95,
        exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 60,
    )
    assert must(source, 0.5).path.stat().st_size
