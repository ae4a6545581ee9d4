"""The two Pillow calls whose types need numpy to be known, in one place."""

from collections.abc import Sequence

from PIL import Image

Resampling = Image.Resampling


def resize(
    picture: Image.Image, size: tuple[int, int], resampling: Image.Resampling = Resampling.BICUBIC
) -> Image.Image:
    """Return the picture in another size."""
    return picture.resize(size, resampling)  # pyright: ignore[reportUnknownMemberType] - numpy is not installed


def remap(picture: Image.Image, table: Sequence[float]) -> Image.Image:
    """Return a grey picture with every value looked up in a table of 256."""
    return picture.point(table)  # pyright: ignore[reportUnknownMemberType] - numpy is not installed
