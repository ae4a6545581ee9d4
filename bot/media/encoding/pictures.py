"""Pictures made smaller: lossless first, then by quality, then by size."""

import io
import warnings
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from PIL import Image, ImageOps

from bot.media.encoding.animations import shrink_animation
from bot.media.encoding.imprint import carried
from bot.media.encoding.kinds import Content
from bot.media.encoding.made import Made, Task, Unreadable

MOST_PIXELS = 150_000_000
"""What is decoded at all: half a gigabyte."""
WEBP_SIDE, JPEG_SIDE = 16_383, 65_500
WEBP_PIXELS = 20_000_000
"""Above this WebP takes so long that JPEG is the better one for pictures without transparency."""
TILE = 192
QUALITIES = (92, 85, 75, 60)
SCALES = (0.75, 0.5, 0.35, 0.25, 0.15, 0.1)
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "TIFF", "BMP")
HOPEFUL = 1.5
"""By how much a guess at the size may be wrong before the step is not worth trying."""

BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError, Image.DecompressionBombError)


def shrink_picture(task: Task, content: Content) -> Made | None:
    """Write the first encoding that fits; None when none does. Raises `Unreadable` for what is no picture."""
    try:
        with warnings.catch_warnings():
            # Large is expected here; `MOST_PIXELS` is the limit that holds.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(task.source, formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Unreadable(f"{image.width}x{image.height} pixels")
                if getattr(image, "is_animated", False):
                    return shrink_animation(task, image, lossless=content.lossless)
                return _first_fitting(task, _candidates(task, image, lossless=content.lossless))
    except BROKEN as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _first_fitting(task: Task, candidates: Iterator[tuple[bytes, str, str]]) -> Made | None:
    for data, extension, how in candidates:
        if len(data) <= task.limit:
            path = task.target(extension)
            path.write_bytes(data)
            return Made(path, how)
        if task.seconds_left < 0:
            return None
    return None


def _candidates(task: Task, image: Any, *, lossless: bool) -> Iterator[tuple[bytes, str, str]]:
    extra = carried(image, task.limit) | {"icc_profile": image.info.get("icc_profile")}
    transparent = "A" in image.getbands() or "transparency" in image.info
    picture = ImageOps.exif_transpose(image).convert("RGBA" if transparent else "RGB")
    picture.info.clear()
    sample = _sample(picture)
    times = picture.width * picture.height / (sample.width * sample.height)
    if lossless and max(picture.size) <= WEBP_SIDE and _may_fit(task, times, _lossless(sample, {})):
        yield _lossless(picture, extra), "webp", "lossless"
    size = 0.0
    for quality in QUALITIES:
        guess = _lossy(sample, {}, quality, like=picture)[0]
        size = len(guess) * times
        if _may_fit(task, times, guess):
            data, extension = _lossy(picture, extra, quality, like=picture)
            size = len(data)
            yield data, extension, f"quality {quality}"
    for scale in SCALES:
        if size * scale * scale > task.limit * HOPEFUL:
            continue
        small = _scaled(picture, scale)
        for quality in QUALITIES[1::2]:
            data, extension = _lossy(small, extra, quality, like=small)
            yield data, extension, f"{scale:.0%} of its size, quality {quality}"


def _sample(picture: Any) -> Any:
    """Return nine pieces put together, from all over a large picture: what they weigh tells what it would."""
    if picture.width < TILE * 6 or picture.height < TILE * 6:
        return picture
    sample = Image.new(picture.mode, (TILE * 3, TILE * 3))
    for row, column in product(range(3), repeat=2):
        left = (picture.width - TILE) * column // 2
        top = (picture.height - TILE) * row // 2
        sample.paste(picture.crop((left, top, left + TILE, top + TILE)), (column * TILE, row * TILE))
    return sample


def _may_fit(task: Task, times: float, sample: bytes) -> bool:
    return times == 1 or len(sample) * times <= task.limit * HOPEFUL


def _lossless(picture: Any, extra: Mapping[str, Any]) -> bytes:
    return _webp(picture, extra, lossless=True, quality=50, method=2)


def _lossy(picture: Any, extra: Mapping[str, Any], quality: int, *, like: Any) -> tuple[bytes, str]:
    """Encode as is right for a picture `like` this one: WebP is small, but slow for large ones."""
    huge = like.width * like.height > WEBP_PIXELS
    if max(like.size) <= WEBP_SIDE and not (huge and like.mode == "RGB"):
        return _webp(picture, extra, quality=quality, method=0 if huge else 3), "webp"
    if max(like.size) > JPEG_SIDE:
        raise ValueError(f"too long a side: {like.size}")
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality, **extra)
    return out.getvalue(), "jpg"


def _scaled(picture: Any, scale: float) -> Any:
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _webp(picture: Any, extra: Mapping[str, Any], **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", **extra, **options)
    return out.getvalue()
