"""What is odd about Pillow, in one place: calls whose types need numpy, and the errors of broken files."""

import struct
import zlib
from collections.abc import Sequence

from PIL import Image

Resampling = Image.Resampling
# What Pillow raises for broken or huge files, beside OSError and ValueError.
BROKEN_PICTURE = (SyntaxError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)


def resize(
    picture: Image.Image, size: tuple[int, int], resampling: Image.Resampling = Resampling.BICUBIC
) -> Image.Image:
    """Return the picture in another size."""
    return picture.resize(size, resampling)  # pyright: ignore[reportUnknownMemberType] - numpy is not installed


def remap(picture: Image.Image, table: Sequence[float]) -> Image.Image:
    """Return a grey picture with every value looked up in a table of 256."""
    return picture.point(table)  # pyright: ignore[reportUnknownMemberType] - numpy is not installed
