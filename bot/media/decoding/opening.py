"""Opening a picture: its header first, its pixels only when there are not too many of them."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from bot.media.encoding.made import Unreadable

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
BROKEN = (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError)


class TooManyPixels(Exception):  # noqa: N818 - names what is the case
    """Its header claims more pixels than are decoded."""


@contextmanager
def opened(path: Path, *, pixels: int, side: int) -> Generator[Any]:
    """Open a picture of at most so many pixels, and of at most `side` wide and high.

    Raises `TooManyPixels`, and `Unreadable` for whatever goes wrong with it until it is closed.
    """
    try:
        with warnings.catch_warnings():
            # The limit given is the one that holds, and says more.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > pixels or max(image.size) > side:
                    raise TooManyPixels
                yield image
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except BROKEN as error:
        raise Unreadable(str(error)) from error
