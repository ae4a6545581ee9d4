"""Make the table of traditional and simplified Chinese characters: `python -m bot.policy.build`.

It is kept beside the code, so that only who makes it anew needs OpenCC (the `dev` extra).
"""

import importlib
import unicodedata
from collections.abc import Callable
from typing import Any, cast

from bot.policy.folding import SIMPLIFIED

HEADER = """\
# Traditional Chinese characters, each followed by the simplified one; made by `python -m bot.policy.build`.
# From the dictionaries of OpenCC (https://github.com/BYVoid/OpenCC), which are under the Apache License 2.0.
"""


def table() -> str:
    """Return the table as text; needs OpenCC."""
    opencc: Any = importlib.import_module("opencc")
    convert = cast("Callable[[str], str]", opencc.OpenCC("t2s").convert)
    pairs: list[str] = []
    for first, last in ((0x3400, 0x9FFF), (0x20000, 0x323AF)):
        for character in map(chr, range(first, last + 1)):
            simple = convert(character)
            if (
                simple != character
                and len(simple) == 1
                and unicodedata.normalize("NFKD", character) == character
            ):
                pairs.append(character + simple)
    return HEADER + "\n".join(pairs) + "\n"


if __name__ == "__main__":
    SIMPLIFIED.write_text(table(), "utf-8")
