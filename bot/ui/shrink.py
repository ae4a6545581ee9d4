"""Pictures made smaller, off the event loop: by quality first, then by size."""

import asyncio
import io
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageSequence

log = logging.getLogger(__name__)

PREVIEW_BYTES = 64 * 1024
PREVIEW_SIDE = 512
QUALITIES = (92, 85, 75, 60)
SCALES = (1.0, 0.75, 0.5, 0.35, 0.25)
WEBP_SIDE = 16_383
FRAMES = 600


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture and the extension that goes with it."""

    data: bytes
    extension: str


async def shrunk(path: Path, limit: int) -> Picture | None:
    """Return the picture re-encoded to at most so many bytes, or None if that cannot be had."""
    return await asyncio.to_thread(_shrink, path, limit)


async def preview(data: bytes) -> bytes | None:
    """Return a preview as JPEG of at most 64 kB, or None if it is no picture."""
    if len(data) <= PREVIEW_BYTES and data.startswith(b"\xff\xd8"):
        return data
    return await asyncio.to_thread(_preview, data)


def _preview(data: bytes) -> bytes | None:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            picture = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        log.debug("a preview is no picture", exc_info=True)
        return None
    side = PREVIEW_SIDE
    while side >= 64:
        picture.thumbnail((side, side))
        for quality in (80, 60, 40):
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality)
            if out.tell() <= PREVIEW_BYTES:
                return out.getvalue()
        side //= 2
    return None


def _shrink(path: Path, limit: int) -> Picture | None:
    try:
        with warnings.catch_warnings():
            # Our own servers' pictures: large is expected, and a bomb is still an error.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if getattr(image, "is_animated", False):
                    return _first_fitting(_animations(image), limit)
                return _first_fitting(_stills(image), limit)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
        log.warning("%s could not be made smaller", path.name, exc_info=True)
        return None


def _first_fitting(candidates: Iterator[Picture], limit: int) -> Picture | None:
    return next((picture for picture in candidates if len(picture.data) <= limit), None)


def _stills(image: Any) -> Iterator[Picture]:
    picture = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    if max(picture.size) <= WEBP_SIDE:
        yield _webp(picture, lossless=True, quality=75, method=2)
    for scale in SCALES:
        scaled = _scaled(picture, scale)
        if max(scaled.size) > WEBP_SIDE:
            continue
        for quality in QUALITIES:
            yield _webp(scaled, quality=quality, method=3)


def _animations(image: Any) -> Iterator[Picture]:
    frames: list[Any] = []
    durations: list[int] = []
    for frame in ImageSequence.Iterator(image):
        if len(frames) == FRAMES:
            break
        durations.append(int(frame.info.get("duration", 100) or 100))
        frames.append(frame.convert("RGBA"))
    for scale in SCALES:
        scaled = [_scaled(frame, scale) for frame in frames]
        for quality in QUALITIES[1::2]:
            yield _webp(
                scaled[0],
                quality=quality,
                method=2,
                save_all=True,
                append_images=scaled[1:],
                duration=durations,
                loop=0,
            )


def _scaled(picture: Any, scale: float) -> Any:
    if scale == 1.0:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _webp(picture: Any, **options: Any) -> Picture:
    out = io.BytesIO()
    picture.save(out, "WEBP", **options)
    return Picture(out.getvalue(), "webp")
