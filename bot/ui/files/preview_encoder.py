"""Previews made small enough to be sent every few seconds, off the event loop.

They come every second from an image server, so each is decoded in a thread rather than in a process of its own; what
is larger than any preview is not decoded at all.
"""

import asyncio
import io
import logging

from PIL import Image

log = logging.getLogger(__name__)

PREVIEW_BYTES = 64 * 1024
PREVIEW_SIDE = 512
MOST_BYTES = 4 * 1024 * 1024
MOST_PIXELS = 4_000_000
"""What a preview may have; ComfyUI's own are of 512 pixels a side."""


async def preview(data: bytes) -> bytes | None:
    """Return a preview as JPEG of at most 64 kB, or None if it is no picture."""
    if len(data) <= PREVIEW_BYTES and data.startswith(b"\xff\xd8"):
        return data
    return await asyncio.to_thread(_preview, data) if len(data) <= MOST_BYTES else None


def _preview(data: bytes) -> bytes | None:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            # Lets JPEG decode at a fraction of its size; does nothing for the other formats.
            image.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))
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
