"""Which words are paths, and what becomes of them."""

import json

import pytest

from bot.media.stripping.paths import without_paths

PATHS = {
    "/home/josefine/ComfyUI/input/cat.png": "cat.png",
    "/home/josefine": "_",
    "/srv/my data/with blanks/cat.png": "cat.png",
    "/elsewhere/josefine/models/base.safetensors": "base.safetensors",
    "/home/josefiné/kätzchen.png": "kätzchen.png",
    "~/josefine/cat.png": "cat.png",
    "file:///home/josefine/cat.png": "cat.png",
    "C:\\Users\\josefine\\models\\base.safetensors": "base.safetensors",
    "C:\\Users\\josefine\\": "_\\",
    "D:/ai/josefine/cat.png": "cat.png",
    "\\\\nas\\josefine\\cat.png": "cat.png",
}
WORDS = (
    "a cat, (masterpiece:1.2), 1/2 and and/or",
    "/imagine a cat and/or a dog",
    "\n\nfoo\n\nbar",
    "\\(cat\\), \\(dog\\)",
    "SDXL/base.safetensors",
    "sdxl\\base.safetensors",
    "https://example.org/home/someone/cat.png",
    "see http://127.0.0.1:8188/view?filename=cat.png",
    "16:9 / 4:3",
    "#/definitions/x",
    "%date:yyyy-MM-dd%/ComfyUI",
)


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("path", PATHS)
def test_paths_give_way_to_bare_names_at_any_depth_of_quoting(path: str, depth: int) -> None:
    text = json.dumps({"image": path, "prompt": "a cat"})
    for _ in range(depth):
        text = json.dumps({"prompt": text, "n": 1})
    clean = without_paths(text.encode())
    assert len(clean) == len(text.encode())
    read = json.loads(clean)
    for _ in range(depth):
        assert read["n"] == 1
        read = json.loads(read["prompt"])
    assert read["prompt"] == "a cat"
    assert read["image"].rstrip() == PATHS[path]


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("words", WORDS)
def test_other_words_stay(words: str, depth: int) -> None:
    text = json.dumps({"prompt": words})
    for _ in range(depth):
        text = json.dumps({"prompt": text})
    assert without_paths(text.encode()) == text.encode()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("loaded /home/josefine/a.png, then on", "loaded a.png, then on"),
        ("Model: C:\\josefine\\x.safetensors Steps: 20", "Model: x.safetensors Steps: 20"),
        ("--in=/mnt/josefine/b.png", "--in=b.png"),
        ("cat\n/home/josefine/a.png", "cat\na.png"),
    ],
)
def test_paths_among_other_words(text: str, clean: str) -> None:
    for said in (text, json.dumps(text)):
        found = without_paths(said.encode()).decode()
        assert "josefine" not in found
        assert len(found) == len(said)
    assert b"".join(without_paths(text.encode()).split()) == b"".join(clean.encode().split())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_texts(encoding: str) -> None:
    text = json.dumps({"image": "/home/josefine/cat.png", "prompt": "a cat"})
    read = json.loads(without_paths(text.encode(encoding)).decode(encoding))
    assert read == {"image": "cat.png", "prompt": "a cat"}


@pytest.mark.parametrize(
    "piece", ['"', "\\", '"/a/', '"C:\\\\', "\\\\", "/home/", '"\\\\a\\b', "a\0", ' "~/']
)
def test_nothing_makes_it_slow(piece: str) -> None:
    data = piece.encode() * (300_000 // len(piece))
    assert len(without_paths(data)) == len(data)
