"""Files people attach."""

import io
import struct
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from PIL import Image

from bot.errors import UserError
from bot.jobs.content import ContentStore
from bot.ui import attachments
from bot.ui.attachments import check_declared, cleaned, receive
from bot.workflows.parameter import ParameterType


def picture(mode: str = "RGB", size: tuple[int, int] = (8, 4), kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image = Image.new(mode, size)
    image.paste(Image.new("RGB", (1, 1), "red").convert(mode), (0, 0))
    image.save(out, kind, **options)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims any number of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def attachment(data: bytes, **changes: Any) -> discord.Attachment:
    async def read() -> bytes:
        return data

    fields = {"filename": "cat.png", "size": len(data), "content_type": "image/png", "read": read} | changes
    return cast("discord.Attachment", SimpleNamespace(**fields))


@pytest.mark.parametrize(
    ("data", "mode"),
    [
        (picture(), "RGB"),
        (picture("RGBA"), "RGBA"),
        (picture("L"), "L"),
        (picture("LA"), "RGBA"),
        (picture("P", kind="GIF"), "RGB"),
        (picture(kind="JPEG"), "RGB"),
        (picture("CMYK", kind="JPEG"), "RGB"),
        (picture("RGBA", kind="WEBP", lossless=True), "RGBA"),
        (picture(kind="BMP"), "RGB"),
    ],
)
def test_every_picture_becomes_a_clean_png(data: bytes, mode: str) -> None:
    image = Image.open(io.BytesIO(cleaned(data)))
    assert (image.format, image.mode, image.size) == ("PNG", mode, (8, 4))


def test_pictures_taken_sideways_are_turned_and_lose_where_they_were_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "at home"
    clean = cleaned(picture(kind="JPEG", exif=exif))
    image = Image.open(io.BytesIO(clean))
    assert image.size == (4, 8)
    assert not image.getexif()
    assert b"at home" not in clean


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        picture()[:40],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"GIF89a",
    ],
)
def test_what_is_no_picture_is_refused_kindly(data: bytes) -> None:
    with pytest.raises(UserError, match="not a picture"):
        cleaned(data, "cat.png")


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (65_000, 65_000), (60_000, 2), (7_100, 7_100)]
)
def test_a_bomb_is_refused_before_it_is_unpacked(width: int, height: int) -> None:
    with pytest.raises(UserError, match="pixels"):
        cleaned(bomb(width, height), "cat.png")


def test_size_and_kind_are_checked_before_a_byte_is_read() -> None:
    with pytest.raises(UserError, match="too large"):
        check_declared(attachment(b"", size=attachments.MAX_BYTES + 1))
    with pytest.raises(UserError, match="not a picture"):
        check_declared(attachment(b"", content_type="video/mp4"))
    check_declared(attachment(b"", content_type=None))


async def test_a_size_that_was_a_lie_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_BYTES", 50)
    with pytest.raises(UserError, match="too large"):
        await receive(attachment(picture(size=(300, 300)), size=10), ContentStore(tmp_path))


async def test_what_is_kept_is_named_by_what_it_shows(tmp_path: Path) -> None:
    content = ContentStore(tmp_path)
    one = await receive(attachment(picture()), content)
    two = await receive(attachment(picture(), filename="../../etc/passwd.png"), content)
    assert one == two
    assert content.path(one).read_bytes() == cleaned(picture())


async def test_a_download_that_fails_or_hangs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> bytes:
        raise discord.DiscordException("gone")

    async def hang() -> bytes:
        import asyncio

        await asyncio.Event().wait()
        return b""

    monkeypatch.setattr(attachments, "TIMEOUT", 0.01)
    for read in (fail, hang):
        with pytest.raises(UserError, match="attach it again"):
            await receive(attachment(picture(), read=read), ContentStore(tmp_path))


@pytest.mark.parametrize(
    ("mode", "kind", "grey"),
    [
        ("I;16", "PNG", 32896),
        ("I;16", "TIFF", 32896),
        ("I", "TIFF", 128),
        ("F", "TIFF", 128.0),
        ("F", "TIFF", 0.502),
    ],
)
def test_deep_greys_keep_their_brightness(mode: str, kind: str, grey: float) -> None:
    out = io.BytesIO()
    Image.new(mode, (8, 4), cast("Any", grey)).save(out, kind)
    with Image.open(io.BytesIO(cleaned(out.getvalue()))) as kept:
        assert kept.mode == "L"
        assert kept.getpixel((0, 0)) == 128


@pytest.mark.parametrize(("mode", "colour"), [("L", 0), ("RGB", (0, 0, 0)), ("P", 0)])
def test_a_colour_that_stands_for_nothing_is_transparent(mode: str, colour: Any) -> None:
    data = picture(mode, transparency=colour)
    with Image.open(io.BytesIO(cleaned(data))) as kept:
        assert kept.mode == "RGBA"


MP4 = b"\x00\x00\x00\x18ftypisom" + b"\0" * 100
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\0" * 100


@pytest.mark.parametrize(
    ("kind", "data", "name", "declared", "extension"),
    [
        (ParameterType.VIDEO, MP4, "clip.mp4", "video/mp4", "mp4"),
        (ParameterType.VIDEO, MP4, "clip.exe", "application/octet-stream", "mp4"),
        (ParameterType.VIDEO, picture("P", kind="GIF"), "clip.gif", "image/gif", "gif"),
        (ParameterType.AUDIO, WAV, "song.wav", "audio/wav", "wav"),
        (ParameterType.AUDIO, MP4, "film.mp4", "video/mp4", "mp4"),
    ],
)
async def test_videos_and_sounds_are_kept_as_they_are(
    kind: ParameterType, data: bytes, name: str, declared: str, extension: str, tmp_path: Path
) -> None:
    content = ContentStore(tmp_path)
    ref = await receive(attachment(data, filename=name, content_type=declared), content, kind)
    assert ref.extension == extension
    assert await content.get(ref) == data


@pytest.mark.parametrize(
    ("kind", "data", "declared", "sentence"),
    [
        (ParameterType.VIDEO, picture(), "image/png", "not a video"),
        (ParameterType.VIDEO, b"#EXTM3U", "video/mp4", "not a video"),
        (ParameterType.VIDEO, WAV, "audio/wav", "not a video"),
        (ParameterType.AUDIO, picture(), "image/png", "not a sound file"),
        (ParameterType.AUDIO, b"", "audio/wav", "not a sound file"),
    ],
)
async def test_what_is_no_video_or_sound_is_refused(
    kind: ParameterType, data: bytes, declared: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=sentence):
        await receive(attachment(data, content_type=declared), ContentStore(tmp_path), kind)
    with pytest.raises(UserError, match="too large"):
        check_declared(attachment(data, size=attachments.MAX_BYTES + 1, content_type="video/mp4"), kind)
