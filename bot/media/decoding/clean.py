"""Pictures as workflows get them: upright, one frame, without metadata, and no larger than the file that came."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import get_sampling

from bot.media.decoding.bare import DamagedError, bare
from bot.media.decoding.opening import opened
from bot.media.dimensions import dimensions

PIXELS = 50_000_000
"""What an input may have: the photos of today's phones, and less than 600 MB on the image server."""
SIDE = 16_384
WEBP_SIDE = 16_383
WEBP_PIXELS = 16_000_000
"""Above this WebP takes longer than anybody waits."""
ORIENTATION = 0x0112
READ_EVERYWHERE = {"PNG": "png", "JPEG": "jpg", "MPO": "jpg", "WEBP": "webp"}
"""Formats that every ComfyUI reads, and the extension of each; MPO is a JPEG with further pictures behind it."""
LOSSY = frozenset({"JPEG", "MPO", "AVIF", "WEBP"})
PLAIN_MODES = frozenset({"RGB", "RGBA", "L"})
QUALITIES = (95, 90, 85, 75, 60, 45)
SMALL = 16 * 1024
"""Bytes that are not worth losing anything for."""


def write_clean(source: Path, folder: Path) -> str:
    """Write the picture as `0.<extension>` into the folder, and return the extension.

    The pixels stay as they came, bit for bit, wherever every ComfyUI can read them so.
    """
    with opened(source, pixels=PIXELS, side=SIDE) as image:
        extension = _as_it_came(image)
        kind, tables = str(image.format), _tables(image)
        image.load()
        if extension is not None and _is_kept(source, folder / f"0.{extension}", extension, image.size):
            return extension
        picture = _upright(image)
    size = max(source.stat().st_size, SMALL)
    data, extension = _smallest(_encodings(picture, kind, tables), size)
    (folder / f"0.{extension}").write_bytes(data)
    return extension


def _is_kept(source: Path, target: Path, extension: str, size: tuple[int, int]) -> bool:
    """Write the picture without its metadata; False where the header then says another size than its pixels have."""
    try:
        target.write_bytes(bare(source.read_bytes(), extension))
    except DamagedError:
        return False
    return dimensions(target) == size


def _as_it_came(image: Any) -> str | None:
    """Return the extension of a picture that needs no change but to lose its metadata; None for others."""
    extension = READ_EVERYWHERE.get(str(image.format))
    if image.mode not in PLAIN_MODES or "transparency" in image.info:
        return None
    if extension == "webp" and getattr(image, "is_animated", False):
        return None
    return extension if image.getexif().get(ORIENTATION, 1) in {0, 1} else None


def _upright(image: Any) -> Any:
    upright = _in_eight_bits(ImageOps.exif_transpose(image))
    mode = _mode(upright)
    picture = upright if upright.mode == mode else upright.convert(mode)
    picture.info.clear()
    return picture


def _smallest(candidates: Iterator[tuple[bytes, str]], size: int) -> tuple[bytes, str]:
    """Return the first encoding that is no larger than the file was, else the smallest there is."""
    best = next(candidates)
    while len(best[0]) > size:
        other = next(candidates, None)
        if other is None:
            break
        best = min(best, other, key=lambda each: len(each[0]))
    return best


def _tables(image: Any) -> Mapping[str, Any] | None:
    """Return how a JPEG was compressed, as options for compressing it in the same way; None for other formats."""
    tables = getattr(image, "quantization", None)
    return {"qtables": tables, "subsampling": max(0, get_sampling(image))} if tables else None


def _encodings(picture: Any, kind: str, tables: Mapping[str, Any] | None) -> Iterator[tuple[bytes, str]]:
    """Yield encodings, the best first: those without loss only of what came without loss."""
    transparent = picture.mode == "RGBA"
    webp = max(picture.size) <= WEBP_SIDE and picture.width * picture.height <= WEBP_PIXELS
    if kind not in LOSSY:
        yield _encoded(picture, "PNG", compress_level=4), "png"
        if webp:
            yield _encoded(picture, "WEBP", lossless=True, quality=40, method=2), "webp"
    elif tables and not transparent:
        # Its own tables: turning it costs next to nothing of what it shows.
        yield _encoded(picture, "JPEG", optimize=True, **tables), "jpg"
    if transparent and not webp:
        yield _encoded(picture, "PNG", compress_level=4), "png"
        return
    for quality in QUALITIES:
        if transparent:
            yield _encoded(picture, "WEBP", quality=quality, method=2), "webp"
        else:
            yield _encoded(picture, "JPEG", quality=quality, optimize=True), "jpg"


def _encoded(picture: Any, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
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


def _mode(image: Image.Image) -> str:
    if "transparency" in image.info or image.mode in {"LA", "PA", "La", "RGBa"}:
        return "RGBA"
    return image.mode if image.mode in PLAIN_MODES else "RGB"
