"""Fonts for pictures with words in any script: which one can write a character, and none that leaves empty boxes."""

import logging
import sys
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import ImageFont

log = logging.getLogger(__name__)

Face = Any
"""A font of Pillow's, which says nothing to type checkers."""

WIDE = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/segoeui.ttf",
)
CJK = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
SIMPLIFIED = 2
"""Where the Chinese of the mainland lies in a Noto collection; the others hold it first."""
MISSING = "\U0010fffe"
"""A code point no font has: it looks like everything else a font does not have."""


def families() -> tuple[str | None, ...]:
    """Return the font files of this machine to look in, best first; None is Pillow's own."""
    found = [path for files in (WIDE, CJK) for path in files if Path(path).is_file()]
    return (None, *found)


@lru_cache(maxsize=64)
def face(family: str | None, size: int) -> Face | None:
    """Return a font, None where the file cannot be used."""
    try:
        if family is None:
            return ImageFont.load_default(size)
        return ImageFont.truetype(family, size, index=SIMPLIFIED if "NotoSansCJK" in family else 0)
    except (OSError, ValueError) as error:
        log.info("the font %s cannot be used: %s", family, error)
        return None


@lru_cache(maxsize=4096)
def _has(family: str | None, character: str) -> bool:
    drawn = face(family, 16)
    if drawn is None:
        return False
    if character == " ":
        return True
    shape, nothing = drawn.getmask(character), drawn.getmask(MISSING)
    return shape.size != nothing.size or bytes(shape) != bytes(nothing)


class Lettering:
    """The fonts of one picture; remembers whether something could not be written with them."""

    def __init__(self, fonts: tuple[str | None, ...] | None = None) -> None:
        self._families = families() if fonts is None else fonts
        self.wanting = False
        """Whether words had to be left out because no font here has their letters."""

    def family(self, text: str) -> str | None:
        """Return the first font that has every character of a text, or the one that has most."""
        return max(
            self._families, key=lambda each: sum(_has(each, character) for character in dict.fromkeys(text))
        )

    def legible(self, text: str) -> str:
        """Return the text on one line without what no single font here can write; empty when too little is left."""
        line = " ".join(text.split())
        kept = "".join(character for character in line if character.isprintable())
        family = self.family(kept)
        written = [self._written(character, family) for character in kept]
        letters = sum(character.isalnum() for character in kept)
        lost = sum(character.isalnum() and not each for character, each in zip(kept, written, strict=True))
        if lost:
            self.wanting = True
        return "" if lost * 5 > letters else " ".join("".join(written).split())

    def _written(self, character: str, family: str | None) -> str:
        """Return a character as this font can write it: an accent is given up before its letter."""
        if _has(family, character):
            return character
        base = unicodedata.normalize("NFKD", character)[:1]
        return base if base.isalnum() and _has(family, base) else ""

    def face(self, text: str, size: int) -> Face:
        """Return the font to write this text in."""
        chosen = face(self.family(text), size) or face(None, size)
        assert chosen is not None, f"Pillow brings a font of its own ({sys.platform})"
        return chosen

    def width(self, text: str, size: int) -> float:
        """Return how wide a text is, in pixels."""
        return float(self.face(text, size).getlength(text))

    def cut(self, text: str, size: int, width: float) -> str:
        """Shorten a text to so many pixels, with an ellipsis where something is missing."""
        if self.width(text, size) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(f"{text[:middle].rstrip()}…", size) <= width:
                low = middle
            else:
                high = middle - 1
        return f"{text[:low].rstrip()}…"
