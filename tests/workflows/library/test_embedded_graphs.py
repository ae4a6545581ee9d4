import json
import struct
import time
import zlib
from random import Random

import pytest

from bot.workflows.library.embedded_graphs import Embedded, find_embedded
from tests.workflows.library.saving import BOTH, PROMPT, SAVERS, WORKFLOW, film, made, picture, png, saved

PATIENCE = 5.0
"""Seconds of computing; a tenth of one is the most, but watching coverage slows it."""


@pytest.mark.parametrize("name", SAVERS)
def test_what_comfyui_wrote_is_found(name: str):
    assert find_embedded(made(name)) == Embedded(PROMPT, WORKFLOW)


def test_long_texts_that_span_many_pages_and_blocks():
    long = {"prompt": json.dumps({"1": {"class_type": "A", "inputs": {"text": "x" * 200_000}}})}
    for data in (
        png(long),
        film("webm", "libvpx", long),
        film("mp4", "mpeg4", long, {"movflags": "use_metadata_tags"}),
    ):
        found = find_embedded(data)
        assert found is not None
        assert json.dumps(found.prompt) == long["prompt"]


@pytest.mark.parametrize(
    "data",
    [
        saved(picture(), "PNG"),
        saved(picture(), "WEBP"),
        saved(picture(), "JPEG"),
        png({"prompt": "no JSON", "workflow": "[1]"}),
    ],
    ids=["png", "webp", "jpeg", "no JSON"],
)
def test_a_picture_without_a_graph_has_none(data: bytes):
    assert find_embedded(data) == Embedded()
    assert not Embedded()


@pytest.mark.parametrize("data", [b"", b"{}", b"GIF89a", b"\x89PN", b"PK\x03\x04" * 10])
def test_other_files_are_none_of_ours(data: bytes):
    assert find_embedded(data) is None


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_a_text_that_unpacks_to_more_than_any_graph_is_left_packed():
    bomb = zlib.compress(b"[" * 20_000_000, 9)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"zTXt", b"prompt\0\0" + bomb)
    began = time.process_time()
    assert find_embedded(data) == Embedded()
    assert time.process_time() - began < PATIENCE


def test_a_damaged_file_has_what_stands_before_the_damage():
    data = made("png")
    assert find_embedded(data[: data.index(b"workflow") + 30]) == Embedded(PROMPT)
    assert find_embedded(data[:30]) == Embedded()


def test_nothing_in_a_damaged_file_makes_it_fail_or_hang():
    random = Random(1)
    for name in SAVERS:
        for _ in range(40):
            data = bytearray(made(name))
            for _ in range(random.randrange(1, 8)):
                data[random.randrange(len(data))] = random.choice(
                    (0, 1, 0x7F, 0x80, 0xFF, random.randrange(256))
                )
            began = time.process_time()
            find_embedded(bytes(data[: random.randrange(4, len(data) + 1)]))
            assert time.process_time() - began < PATIENCE


def test_many_empty_chunks_take_no_time():
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"aaAA", b"") * 500_000
        + chunk(b"tEXt", b"prompt\0" + BOTH["prompt"].encode())
    )
    began = time.process_time()
    assert find_embedded(data) == Embedded()
    assert time.process_time() - began < PATIENCE
