"""Files people attach: checked before they are downloaded, looked at as what they are, and kept as clean PNG."""

import asyncio
import io
import math
import warnings
from typing import Any

import discord
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.errors import UserError
from bot.jobs.content import ContentStore
from bot.jobs.request import InputRef
from bot.trouble import TROUBLE
from bot.ui.encoding.kinds import HEAD_BYTES, Family, recognised
from bot.workflows.parameter import ParameterType

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 16_384
TIMEOUT = 30.0
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


_MEDIA = {ParameterType.VIDEO: ("video", "image"), ParameterType.AUDIO: ("audio", "video")}
"""What may be attached for videos and sounds, in the words of content types: a GIF moves, a film has sound."""
_FAMILIES = {
    ParameterType.VIDEO: frozenset({Family.VIDEO}),
    ParameterType.AUDIO: frozenset({Family.AUDIO, Family.VIDEO}),
}
_MOVING_PICTURES = frozenset({"gif", "webp"})


def check_declared(attachment: discord.Attachment, kind: ParameterType = ParameterType.IMAGE) -> None:
    """Refuse, without reading a byte, what Discord already says is too large or not what is asked for."""
    if kind in _MEDIA:
        _check_declared_media(attachment, kind)
        return
    if attachment.size > MAX_BYTES:
        raise UserError(
            "“{name}” is too large: pictures may have up to {limit} MB.",
            name=attachment.filename[:60],
            limit=MAX_BYTES // 1024**2,
        )
    declared = (attachment.content_type or "image/").split("/")[0]
    if declared not in {"image", "application"}:
        raise _not_a_picture(attachment.filename)


def _check_declared_media(attachment: discord.Attachment, kind: ParameterType) -> None:
    if attachment.size > MAX_BYTES:
        raise UserError(
            "“{name}” is too large: files may have up to {limit} MB.",
            name=attachment.filename[:60],
            limit=MAX_BYTES // 1024**2,
        )
    declared = (attachment.content_type or "application/").split("/")[0]
    if declared not in {*_MEDIA[kind], "application"}:
        raise _not_media(attachment.filename, kind)


async def receive(
    attachment: discord.Attachment, content: ContentStore, kind: ParameterType = ParameterType.IMAGE
) -> InputRef:
    """Download, check and keep a file; raises `UserError` with what is wrong with it.

    What is kept of a picture is a fresh PNG, upright, without metadata, named by what it shows: nothing of the file
    that came from outside reaches the image server. Videos and sounds are kept as they are, under a name of ours,
    once their first bytes say that they are what they claim.
    """
    check_declared(attachment, kind)
    try:
        async with asyncio.timeout(TIMEOUT):
            data = await attachment.read()
    except TROUBLE as error:
        raise UserError(
            "I could not download “{name}” from Discord. Please attach it again.",
            name=attachment.filename[:60],
        ) from error
    if kind in _MEDIA:
        return await content.put(data, _media_extension(data, attachment.filename, kind))
    clean = await asyncio.to_thread(cleaned, data, attachment.filename)
    return await content.put(clean, "png")


def _media_extension(data: bytes, name: str, kind: ParameterType) -> str:
    found = recognised(data[:HEAD_BYTES])
    if found is None or len(data) > MAX_BYTES:
        raise _not_media(name, kind)
    moving = kind is ParameterType.VIDEO and found.extensions[0] in _MOVING_PICTURES
    if found.family not in _FAMILIES[kind] and not moving:
        raise _not_media(name, kind)
    return found.extension(name.rpartition(".")[2].lower())


def _not_media(name: str, kind: ParameterType) -> UserError:
    if kind is ParameterType.VIDEO:
        return UserError(
            "“{name}” is not a video I can read. MP4, WebM, MOV, MKV, AVI and GIF work.", name=name[:60]
        )
    return UserError(
        "“{name}” is not a sound file I can read. MP3, WAV, FLAC, OGG and M4A work.", name=name[:60]
    )


def cleaned(data: bytes, name: str = "image", *, most: int | None = None) -> bytes:
    """Return the picture as PNG, upright; raises `UserError` for anything that is no picture or too many pixels."""
    most = MAX_BYTES if most is None else most
    if len(data) > most:
        raise UserError(
            "“{name}” is too large: pictures may have up to {limit} MB.",
            name=name[:60],
            limit=most // 1024**2,
        )
    try:
        with warnings.catch_warnings():
            # Our own limit below is the stricter one and has a sentence of its own.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _reencoded(data, name)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise _not_a_picture(name) from error


def _reencoded(data: bytes, name: str) -> bytes:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        # The header alone is read so far: a small file may claim any number of pixels.
        if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
            raise _too_many_pixels(name)
        image.load()
        upright = _in_eight_bits(ImageOps.exif_transpose(image))
        picture = upright.convert(_mode(upright))
    out = io.BytesIO()
    picture.info.clear()
    picture.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _in_eight_bits(image: Any) -> Any:
    """Return a picture of deeper greys in the usual 256; Pillow's own conversion turns most of them white."""
    if not image.mode.startswith(("I", "F")):
        return image
    wide = image.convert("F")
    _, brightest = wide.getextrema()
    white = next((white for white in (1.0, 255.0, 65535.0) if brightest <= white), brightest)
    if image.mode.startswith("I;16"):
        white = 65535.0
    wide.info.clear()
    scale = 255.0 / white

    def darker(grey: Any) -> Any:
        return grey * scale

    return wide.point(darker).convert("L")


def _mode(image: Any) -> str:
    if "transparency" in image.info or image.mode in {"LA", "PA", "La", "RGBa"}:
        return "RGBA"
    return image.mode if image.mode in {"RGB", "RGBA", "L"} else "RGB"


def _too_many_pixels(name: str) -> UserError:
    return UserError(
        "“{name}” has too many pixels: up to about {side} × {side} are possible. Please make it smaller first.",
        name=name[:60],
        side=math.isqrt(MAX_PIXELS) // 1000 * 1000,
    )


def _not_a_picture(name: str) -> UserError:
    return UserError(
        "“{name}” is not a picture I can read. PNG, JPEG, WebP, GIF, BMP and TIFF work.", name=name[:60]
    )
