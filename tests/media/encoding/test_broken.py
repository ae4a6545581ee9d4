"""Files that are damaged, cut off, or not what they claim to be."""

import time
from pathlib import Path

import pytest

from bot.media.encoding.__main__ import _attempt
from bot.media.encoding.made import Task, Unreadable
from bot.media.encoding.outcome import Outcome
from tests.media.encoding.samples import Looked, noise
from tests.media.encoding.trying import must, picture, smaller


def test_what_follows_damage_in_a_video_is_kept(videos: dict[str, Path], tmp_path: Path) -> None:
    data = bytearray(videos["mp4"].read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    source = tmp_path / "v.mp4"
    source.write_bytes(data)
    assert Looked(must(source, 0.5).path).frames > 18


def cut(path: Path) -> bytes:
    return path.read_bytes()[: path.stat().st_size // 2]


def test_half_a_matroska_is_half_a_film(videos: dict[str, Path], tmp_path: Path) -> None:
    source = tmp_path / "v.mkv"
    source.write_bytes(cut(videos["mkv"]))
    assert Looked(must(source, 0.6).path).frames > 8


@pytest.mark.parametrize("name", ["mp4", "mov"])
def test_half_a_file_without_its_index_cannot_be_read(
    videos: dict[str, Path], name: str, tmp_path: Path
) -> None:
    source = tmp_path / "v"
    source.write_bytes(cut(videos[name]))
    with pytest.raises(Unreadable):
        smaller(source, 1000)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"GIF89a" + b"\xff" * 100,
        b"RIFF\xff\xff\xff\xffWEBP" + bytes(60),
        b"\x00\x00\x00\x18ftypisom" + bytes(200),
        b"\x1aE\xdf\xa3" + b"\xff" * 100,
        b"RIFF\xff\xff\xff\xffWAVE" + b"fmt " + bytes(60),
        b"RIFF\xff\xff\xff\xffAVI " + bytes(60),
        b"fLaC" + bytes(60),
        b"OggS" + bytes(60),
        b"ID3" + bytes(60),
    ],
)
def test_what_only_begins_like_something_is_unreadable(data: bytes, tmp_path: Path) -> None:
    source = tmp_path / "x"
    source.write_bytes(data)
    with pytest.raises(Unreadable):
        smaller(source, 10)


def test_a_picture_that_claims_a_billion_pixels_is_not_decoded(tmp_path: Path) -> None:
    data = bytearray(picture(tmp_path / "a.png", noise((8, 8)), "PNG").read_bytes())
    data[16:24] = (40_000).to_bytes(4, "big") + (30_000).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(Unreadable):
        smaller(tmp_path / "a.png", 10)


def test_no_time_means_nothing_smaller(videos: dict[str, Path], tmp_path: Path) -> None:
    source = tmp_path / "v"
    source.write_bytes(videos["mp4"].read_bytes())
    assert smaller(source, source.stat().st_size // 3, seconds=-1) is None


def test_the_process_says_how_it_ended(tmp_path: Path) -> None:
    def ended(data: bytes, limit: int) -> tuple[Outcome, str | None]:
        source = tmp_path / "x"
        source.write_bytes(data)
        outcome, _how, path = _attempt(Task(source, tmp_path / "small", limit, time.monotonic() + 30))
        return outcome, path

    whole = picture(tmp_path / "a.png", noise((100, 100)), "PNG").read_bytes()
    assert ended(whole, 20_000) == (Outcome.MADE, str(tmp_path / "small.webp"))
    assert ended(whole, 30) == (Outcome.NOTHING_FITS, None)
    assert ended(whole[:500], 30) == (Outcome.UNREADABLE, None)
    assert ended(b"glTF", 3) == (Outcome.UNREADABLE, None)
