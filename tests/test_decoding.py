"""No picture is decoded in the bot's own process: a file of a few kB may hold gigabytes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OTHER_PROCESSES = ("bot/media/decoding/", "bot/media/encoding/", "bot/demo/")
CAPPED = {"bot/ui/files/preview_encoder.py"}
"""Previews from an image server: frequent, and decoded only up to a few megapixels."""
DECODES = re.compile(
    r"\b(Image\.(open|frombytes|frombuffer)|ImageFile\.Parser|av\.open)\(|^\s*(import|from) av\b",
    re.MULTILINE,
)


def sources() -> list[str]:
    return sorted(
        str(path.relative_to(ROOT)) for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py")
    )


@pytest.mark.parametrize("file", [each for each in sources() if not each.startswith(OTHER_PROCESSES)])
def test_nothing_but_small_previews_is_decoded_here(file: str) -> None:
    found = DECODES.search((ROOT / file).read_text(encoding="utf-8"))
    assert found is None or file in CAPPED, "let bot.ui.files.decoder do it"


def test_the_search_finds_what_it_is_for() -> None:
    assert all(DECODES.search((ROOT / file).read_text(encoding="utf-8")) for file in CAPPED)
    decoding = [file for file in sources() if file.startswith(OTHER_PROCESSES[:2])]
    assert (
        sum(DECODES.search((ROOT / file).read_text(encoding="utf-8")) is not None for file in decoding) >= 4
    )
