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

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 16_384
TIMEOUT = 30.0
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


def check_declared(attachment: discord.Attachment) -> None:
    """Refuse, without reading a byte, what Discord already says is too large or not a picture."""
    if attachment.size > MAX_BYTES:
        raise UserError(
            "“{name}” is too large: pictures may have up to {limit} MB.",
            name=attachment.filename[:60],
            limit=MAX_BYTES // 1024**2,
        )
    kind = (attachment.content_type or "image/").split("/")[0]
    if kind not in {"image", "application"}:
        raise _not_a_picture(attachment.filename)


async def receive(attachment: discord.Attachment, content: ContentStore) -> InputRef:
    """Download, check and keep a picture; raises `UserError` with what is wrong with it.

    What is kept is a fresh PNG, upright, without metadata, named by what it shows: nothing of the file that came
    from outside reaches the image server.
    """
    check_declared(attachment)
    try:
        async with asyncio.timeout(TIMEOUT):
            data = await attachment.read()
    except (TimeoutError, discord.DiscordException, OSError) as error:
        raise UserError(
            "I could not download “{name}” from Discord. Please attach it again.",
            name=attachment.filename[:60],
        ) from error
    clean = await asyncio.to_thread(cleaned, data, attachment.filename)
    return await content.put(clean, "png")


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
