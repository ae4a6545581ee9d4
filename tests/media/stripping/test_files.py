"""Files of every kind, as ComfyUI and its packs write them, with paths in their graphs."""

import io
import json
import random
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageSequence, features

from bot.demo.comfyui.nodes.solids import Solid, glb
from bot.jobs.files.publisher import Publisher
from bot.media.stripping.edits import find_edits
from bot.media.stripping.keep import Keep
from bot.media.stripping.source import Source
from bot.workflows.library.embedded_graphs import find_embedded
from tests.jobs.rooms import roomy
from tests.workflows.library import saving

PROMPT: dict[str, Any] = {
    "1": {
        "class_type": "LoadImage",
        "inputs": {
            "image": "/home/josefine/ComfyUI/input/Käse.png",
            "model": "C:\\Users\\josefine\\models\\base.safetensors",
            "mask": "\\\\nas\\josefine\\mask.png",
            "lora": "sdxl\\detail.safetensors",
            "text": "a cat, 1/2, and/or https://example.org/home/x",
        },
    }
}
CLEAN = json.loads(json.dumps(PROMPT))
CLEAN["1"]["inputs"] |= {"image": "Käse.png", "model": "base.safetensors", "mask": "mask.png"}
OTHERS = (
    *("wav", "avi", "gif", "glb", "gltf", "flac, tagged"),
    *(["avif"] if features.check("avif") else []),
)


def wav() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="wav") as container:
        container.metadata["comment"] = json.dumps(PROMPT)
        stream: Any = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=800)
        frame.planes[0].update(
            bytes(frame.planes[0].buffer_size)
        )  # else it sounds of whatever lay in memory, such as these very texts
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    return file.getvalue()


def made(kind: str) -> bytes:
    both = json.dumps({"prompt": PROMPT})
    texts = {"prompt": json.dumps(PROMPT)}
    if kind in saving.SAVERS:
        return saving.SAVERS[kind]()
    match kind:
        case "wav":
            return wav()
        case "avi":
            return saving.film("avi", "mpeg4", {"comment": both})
        case "gif":
            return saving.saved(saving.picture(), "GIF", comment=both.encode())
        case "avif":
            return saving.saved(saving.picture(), "AVIF", exif=saving.exif())
        case "glb":
            return glb(Solid(1.0, 0.5), texts)
        case "gltf":
            return json.dumps({"asset": {"version": "2.0", "extras": texts}}).encode()
        case _:
            return b"ID3\x04\0\0\0\0\0\0" + saving.SAVERS["flac"]()


@pytest.fixture(autouse=True)
def with_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the savers write these paths."""
    monkeypatch.setitem(saving.BOTH, "prompt", json.dumps(PROMPT))  # type: ignore[arg-type] - it is a dict
    for node, value in PROMPT.items():
        monkeypatch.setitem(saving.PROMPT, node, value)


async def published(folder: Path, data: bytes, keep: Keep) -> bytes:
    source = folder / "made.bin"
    source.write_bytes(data)
    out = await Publisher(folder / "copies", roomy(folder)).published(source, keep)
    assert source.read_bytes() == data
    return out.read_bytes()


def says(data: bytes, word: str) -> bool:
    return any(word.encode(encoding) in data for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def shown(kind: str, data: bytes) -> Any:
    """Return what a viewer makes of it; fails where sums in it are wrong."""
    if kind.startswith(("png", "animated", "webp", "jpeg", "gif", "avif")):
        with Image.open(io.BytesIO(data)) as image:
            return [frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(image)]
    if kind in {"glb", "gltf"}:
        (size,) = struct.unpack("<I", data[12:16]) if kind == "glb" else (0,)
        document = json.loads(data[20 : 20 + size] if kind == "glb" else data)
        assert kind == "gltf" or struct.unpack("<I", data[8:12]) == (len(data),)
        document["asset"].pop("extras", None)
        return document, data[20 + size :] if kind == "glb" else b""
    with av.open(io.BytesIO(data), "r", options={"err_detect": "crccheck+explode"}) as container:
        return [bytes(packet) for packet in container.demux()]


@pytest.mark.parametrize("kind", [*saving.SAVERS, *OTHERS])
async def test_paths_go_and_prompts_stay(kind: str, tmp_path: Path) -> None:
    data = made(kind)
    assert "packed" in kind or says(data, "josefine")
    clean = await published(tmp_path, data, Keep.WITHOUT_PATHS)
    assert not says(clean, "josefine")
    assert shown(kind, clean) == shown(kind, data)
    if kind in saving.SAVERS or kind == "flac, tagged":
        found = find_embedded(clean[10:] if kind == "flac, tagged" else clean)
        assert found is not None
        assert found.prompt == saving.PROMPT | CLEAN
        assert found.workflow == saving.WORKFLOW
    else:
        assert says(clean, "class_type")


@pytest.mark.parametrize("kind", [*saving.SAVERS, *OTHERS])
async def test_all_of_it_goes(kind: str, tmp_path: Path) -> None:
    data = made(kind)
    bare = await published(tmp_path, data, Keep.NOTHING)
    assert not says(bare, "josefine")
    # What is known of no container is the file itself.
    assert says(bare, "class_type") == (kind in {"avif", "gltf"})
    assert shown(kind, bare) == shown(kind, data)


@pytest.mark.parametrize("kind", ["png", "mp4", "flac"])
async def test_all_of_it_stays(kind: str, tmp_path: Path) -> None:
    assert await published(tmp_path, made(kind), Keep.ALL) == made(kind)


@pytest.mark.parametrize("keep", [Keep.WITHOUT_PATHS, Keep.NOTHING])
async def test_of_damaged_files_no_path_goes_out_either(keep: Keep, tmp_path: Path) -> None:
    dice = random.Random(5)
    for kind in saving.SAVERS:
        if "packed" in kind:
            continue  # what cannot be unpacked says nothing
        data = bytearray(made(kind))
        place = max(data.find("josefine".encode(each)) for each in ("utf-8", "utf-16-le"))
        for cut in (len(data), place + 60, dice.randrange(12, len(data))):
            spoiled = bytearray(data[:cut])
            for _ in range(6):
                at = dice.randrange(12, len(spoiled))
                if not place - 600 < at < place + 600:
                    spoiled[at] = dice.randrange(256)
            clean = await published(tmp_path, bytes(spoiled), keep)
            assert not says(clean, "josefine"), (kind, cut)
            places = sorted((edit.start, edit.end) for edit in find_edits(tmp_path / "made.bin", keep))
            assert all(before[1] <= after[0] for before, after in pairwise(places)), (kind, cut)


async def test_what_says_nothing_goes_out_as_it_is_and_a_copy_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(tmp_path / "copies", roomy(tmp_path))
    plain, telling = tmp_path / "plain.png", tmp_path / "telling.png"
    plain.write_bytes(saving.saved(saving.picture(), "PNG"))
    telling.write_bytes(made("png"))
    assert await publisher.published(plain, Keep.WITHOUT_PATHS) == plain
    copy = await publisher.published(telling, Keep.WITHOUT_PATHS)
    assert copy.parent == publisher.folder
    assert copy.suffix == ".png"
    stripped = await publisher.published(telling, Keep.NOTHING)
    assert stripped != copy

    def never(*_: object) -> Any:
        raise AssertionError("looked through twice")

    with monkeypatch.context() as patch:
        patch.setattr("bot.jobs.files.publisher.find_edits", never)
        assert await publisher.published(plain, Keep.WITHOUT_PATHS) == plain
        assert await publisher.published(telling, Keep.WITHOUT_PATHS) == copy
        assert (
            await Publisher(publisher.folder, roomy(publisher.folder)).published(telling, Keep.WITHOUT_PATHS)
            == copy
        )
    copy.unlink()
    assert await publisher.published(telling, Keep.WITHOUT_PATHS) == copy
    assert copy.exists()
    assert {each.name for each in publisher.folder.iterdir()} == {copy.name, stripped.name}


async def test_a_text_larger_than_any_graph_goes_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.media.stripping.pictures.MOST", 50)
    data = made("png")
    clean = await published(tmp_path, data, Keep.WITHOUT_PATHS)
    assert not says(clean, "class_type")
    assert shown("png", clean) == shown("png", data)


async def test_a_large_film_is_never_all_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = tmp_path / "film.mp4"
    head = made("mp4")
    with film.open("wb") as file:
        file.write(head)
        file.write(struct.pack(">I4s", 1, b"mdat") + struct.pack(">Q", 300 << 20))
        file.truncate(len(head) + (300 << 20))
    largest = 0
    read = Source.at

    def watched(source: Source, start: int, length: int) -> bytes:
        nonlocal largest
        largest = max(largest, length)
        return read(source, start, length)

    monkeypatch.setattr(Source, "at", watched)
    assert find_edits(film, Keep.WITHOUT_PATHS)
    assert largest <= 1 << 20
