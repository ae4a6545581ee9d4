"""Every rung by which a file becomes small enough, and what is left of it there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.media.encoding import pictures
from tests.media.encoding.samples import Looked, noise, painting, save_animation, save_sound
from tests.media.encoding.trying import must, picture, smaller


@pytest.mark.parametrize(
    ("image", "kind", "share", "how", "same_size"),
    [
        (painting((500, 400)), "PNG", 0.95, "lossless", True),
        (noise((300, 200)), "PNG", 0.5, "quality", True),
        (noise((300, 200)), "PNG", 0.3, "quality", True),
        (noise((300, 200)), "PNG", 0.05, "of its size", False),
        (noise((300, 200)), "PNG", 0.01, "of its size", False),
        (noise((300, 200)), "JPEG", 0.7, "quality", True),
        (noise((300, 200)), "TIFF", 0.4, "quality", True),
        (noise((300, 200), "RGBA"), "PNG", 0.55, "quality", True),
    ],
)  # fmt: skip
def test_a_picture_goes_down_lossless_then_by_quality_then_by_size(
    image: Image.Image, kind: str, share: float, how: str, same_size: bool, tmp_path: Path
) -> None:
    made = must(picture(tmp_path / "a", image, kind, **({"quality": 95} if kind == "JPEG" else {})), share)
    assert how in made.how
    with Image.open(made.path) as small:
        small.load()
        assert small.format == "WEBP"
        assert (small.size == image.size) is same_size
        assert abs(small.width / small.height - image.width / image.height) < 0.1
        assert ("A" in small.getbands()) is (image.mode == "RGBA")


def test_a_large_picture_is_not_encoded_in_ways_that_cannot_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[dict[str, Any]] = []
    real = pictures._webp

    def noted(image: Image.Image, extra: Mapping[str, Any], **options: Any) -> bytes:
        if image.size == (1400, 1300):
            whole.append(options)
        return real(image, extra, **options)

    monkeypatch.setattr(pictures, "_webp", noted)
    must(picture(tmp_path / "a.png", painting((1400, 1300)), "PNG", compress_level=1), 0.09)
    assert len(whole) <= 2


def test_a_huge_picture_becomes_a_jpeg_unless_it_is_transparent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "WEBP_PIXELS", 1000)
    for mode, kind in (("RGB", "JPEG"), ("RGBA", "WEBP")):
        made = must(picture(tmp_path / "a.png", noise((300, 200), mode), "PNG"), 0.55)
        with Image.open(made.path) as small:
            assert (small.format, small.size) == (kind, (300, 200))


def test_lossless_changes_not_a_pixel(tmp_path: Path) -> None:
    image = painting((300, 300))
    made = must(picture(tmp_path / "a.png", image, "PNG", compress_level=0), 0.7)
    with Image.open(made.path) as small:
        assert small.convert("RGB").tobytes() == image.tobytes()


def test_a_picture_lies_upright_afterwards(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = must(picture(tmp_path / "a.jpg", noise((300, 200)), "JPEG", exif=exif.tobytes(), quality=95), 0.7)
    with Image.open(made.path) as small:
        assert small.size == (200, 300)


def test_a_picture_too_long_for_webp_becomes_a_jpeg(tmp_path: Path) -> None:
    made = must(picture(tmp_path / "a.png", noise((17_000, 8)), "PNG"), 0.5)
    with Image.open(made.path) as small:
        assert small.format == "JPEG"


@pytest.mark.parametrize(
    ("kind", "share", "frames", "same_size"),
    [
        ("GIF", 0.98, 8, True),
        ("GIF", 0.35, 8, True),
        ("GIF", 0.06, None, False),
        ("PNG", 0.3, 8, True),
        ("PNG", 0.015, None, False),
        ("WEBP", 0.4, 8, True),
        ("WEBP", 0.02, None, False),
    ],
)
def test_an_animation_keeps_moving_for_as_long(
    kind: str, share: float, frames: int | None, same_size: bool, tmp_path: Path
) -> None:
    made = must(save_animation(tmp_path / "a", kind), share)
    with Image.open(made.path) as small:
        assert small.format == "WEBP"
        count = getattr(small, "n_frames", 1)
        assert count == frames or (frames is None and 1 < count <= 8)
        assert (small.size == (160, 120)) is same_size
        total = 0
        for number in range(count):
            small.seek(number)
            small.load()
            total += int(small.info["duration"])
        assert total == 8 * 80
        assert small.info["loop"] == 0


@pytest.mark.parametrize(
    ("name", "share", "same_size"),
    [
        ("mp4", 0.7, True), ("mp4", 0.3, True), ("mp4", 0.02, False), ("silent", 0.25, True),
        ("webm", 0.6, True), ("mov", 0.3, True),
    ],
)  # fmt: skip
def test_a_video_becomes_an_mp4_that_plays_everywhere(
    videos: dict[str, Path], name: str, share: float, same_size: bool, tmp_path: Path
) -> None:
    source = tmp_path / "v"
    source.write_bytes(videos[name].read_bytes())
    made = must(source, share)
    before, after = Looked(source), Looked(made.path)
    assert made.path.suffix == ".mp4"
    assert after.codecs == (["h264"] if name == "silent" else ["h264", "aac"])
    assert (after.size == before.size) is same_size
    assert abs(after.seconds - before.seconds) < 0.2
    assert after.frames >= before.frames // 2 - 1
    if name != "silent":
        assert after.samples > 0


def test_a_video_of_odd_sides_gets_even_ones(videos: dict[str, Path], tmp_path: Path) -> None:
    source = tmp_path / "v"
    source.write_bytes(videos["mkv"].read_bytes())
    width, height = Looked(must(source, 0.6).path).size
    assert (width, height) in {(160, 90), (160, 92), (162, 90), (162, 92)}


def test_a_video_with_less_room_than_can_show_anything_stays_as_it_is(videos: dict[str, Path]) -> None:
    assert smaller(videos["mp4"], 3_000) is None


def test_a_film_of_sound_alone_becomes_a_sound(tmp_path: Path) -> None:
    made = must(save_sound(tmp_path / "a.mp4", "aac"), 0.5)
    assert Looked(made.path).codecs == ["opus"]


@pytest.mark.parametrize(
    ("name", "codec", "share", "found"),
    [
        ("quiet.wav", "pcm_s16le", 0.5, ["flac"]),
        ("a.wav", "pcm_s16le", 0.3, ["opus"]),
        ("a.wav", "pcm_s16le", 0.03, ["opus"]),
        ("a.flac", "flac", 0.1, ["opus"]),
        ("a.mp3", "libmp3lame", 0.5, ["opus"]),
        ("a.ogg", "libopus", 0.5, ["opus"]),
        ("a.m4a", "aac", 0.4, ["opus"]),
    ],
)
def test_a_sound_goes_down_lossless_then_by_bits(
    name: str, codec: str, share: float, found: list[str], tmp_path: Path
) -> None:
    rate = 48_000 if codec == "libopus" else 44_100
    source = save_sound(tmp_path / name, codec, quiet=name.startswith("quiet"), rate=rate)
    made = must(source, share)
    after = Looked(made.path)
    assert after.codecs == found
    assert abs(after.seconds - 4) < 0.3


def test_a_sound_is_mp3_where_opus_is_not_built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.encoding.sounds._known", lambda codec: codec == "libmp3lame")
    made = must(save_sound(tmp_path / "a.flac", "flac"), 0.3)
    assert made.path.suffix == ".mp3"
    assert Looked(made.path).codecs == ["mp3float"] or Looked(made.path).codecs == ["mp3"]


def test_a_sound_with_less_room_than_can_be_heard_stays_as_it_is(tmp_path: Path) -> None:
    assert smaller(save_sound(tmp_path / "a.flac", "flac"), 2_000) is None
