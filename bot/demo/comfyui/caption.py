"""Writes into a painted picture that no model made it."""

from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

NOTICE = "demo picture, not an AI model"
LONGEST_PROMPT = 60
CJK_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def cjk_font_file() -> str | None:
    """Return a font of this machine that has Chinese characters, or None."""
    return next((name for name in CJK_FONTS if Path(name).is_file()), None)


@cache
def font(size: int, cjk: bool) -> Font:
    """Return a font; Pillow's own unless Chinese is needed."""
    name = cjk_font_file() if cjk else None
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


def shown_prompt(prompt: str) -> str:
    """Return the prompt in one short line, or nothing where no font here can write it."""
    line = " ".join(prompt.split())
    short = line if len(line) <= LONGEST_PROMPT else line[: LONGEST_PROMPT - 1].rstrip() + "…"
    return short if is_plain(short) or (cjk_font_file() and is_cjk(short)) else ""


def is_plain(line: str) -> bool:
    """Tell whether Pillow's own font has every character."""
    return all(" " <= char <= "~" or char in "…äöüÄÖÜßéèêàâçñáíóú" for char in line)


def is_cjk(line: str) -> bool:
    """Tell whether a Chinese font has every character: no emoji, no rare scripts."""
    return all(
        " " <= char <= "~" or "　" <= char <= "鿿" or "＀" <= char <= "￯" or char == "…" for char in line
    )


def add_caption(picture: Image.Image, prompt: str, box: tuple[int, int, int, int] | None = None) -> None:
    """Write the notice and the prompt at the bottom of the picture, or in the middle of a box in it.

    The middle, because a box stands around a mask, whose corners may be cut off.
    """
    left, top, right, bottom = box or (0, 0, *picture.size)
    width, height = right - left, bottom - top
    size = max(8, min(28, min(width, height) // 24))
    lines = [(NOTICE, font(size, cjk=False))]
    if (words := shown_prompt(prompt)) and width >= 160:
        lines.append((words, font(size, cjk=not is_plain(words))))
    draw = ImageDraw.Draw(picture, "RGBA")
    wrapped = [(part, face) for line, face in lines for part in fit(draw, line, face, width - size)]
    high = round(size * 1.3)
    band = min(height, high * len(wrapped) + size // 2)
    bottom = bottom if box is None else top + (height + band) // 2
    draw.rectangle((left, bottom - band, right, bottom), fill=(0, 0, 0, 120))
    for number, (part, face) in enumerate(wrapped):
        spare = 0 if box is None else max(0, width - size - draw.textlength(part, font=face)) / 2
        at = (left + size // 2 + spare, bottom - band + size // 4 + number * high)
        draw.text(at, part, font=face, fill=(255, 255, 255, 235))


def fit(draw: ImageDraw.ImageDraw, line: str, face: Font, width: int) -> list[str]:
    """Break a line so that each part fits the width; a word that is too long is cut."""
    parts: list[str] = []
    for word in line.split(" "):
        joined = f"{parts[-1]} {word}" if parts else word
        if parts and draw.textlength(joined, font=face) <= width:
            parts[-1] = joined
        else:
            parts.append(word)
    return [cut(draw, part, face, width) for part in parts]


def cut(draw: ImageDraw.ImageDraw, line: str, face: Font, width: int) -> str:
    """Shorten a line to the width."""
    while len(line) > 1 and draw.textlength(line, font=face) > width:
        line = line[:-1]
    return line
