"""Make the catalogue of traditional Chinese from the simplified one: `python -m bot.i18n.build`.

What is made is kept beside its source, so that only who changes a sentence needs OpenCC (the `dev` extra).
"""

import hashlib
import importlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.i18n.catalogue import LOCALE, load_catalogue

SOURCE, BUILT, CORRECTIONS = "zh_CN", "zh_TW", "zh_TW.overrides"
CONVERSION = "s2twp"
"""To the characters and the words that are used in Taiwan."""
WORDS = {
    "這隻": "這只",
    "引數": "參數",
    "響應": "回應",
    "命令": "指令",
    "私信": "私訊",
    "畫素": "像素",
    "噪聲": "雜訊",
    "丟失": "遺失",
    "文本": "文字",
    "型別": "類型",
    "區域性": "局部",
    "頻道里": "頻道裡",
    "身份組": "身分組",
    "“": "「",
    "”": "」",
}
"""What the conversion makes of words, and what readers of it say instead."""
STAMP = "Built from zh_CN.po and zh_TW.overrides.po by `python -m bot.i18n.build`; do not edit. "

Convert = Callable[[str], str]


def fingerprint(folder: Path = LOCALE) -> str:
    """Return what tells whether the built catalogue is still the one its sources make."""
    entries = [
        sorted(
            [str(entry.context), str(entry.id), str(entry.string)]
            for entry in load_catalogue(name, folder)
            if entry.id
        )
        for name in (SOURCE, CORRECTIONS)
    ]
    return hashlib.sha256(json.dumps([entries, WORDS]).encode()).hexdigest()[:32]


def is_stale(folder: Path = LOCALE) -> bool:
    """Whether the sources changed after the catalogue was built; needs no OpenCC."""
    head = (folder / f"{BUILT}.po").read_text(encoding="utf-8").splitlines()[0]
    return fingerprint(folder) not in head


def reworded(text: str) -> str:
    """Put the words in that are said, after the conversion."""
    for word, instead in WORDS.items():
        text = text.replace(word, instead)
    return text


def converted(source: Catalog, corrections: Catalog, convert: Convert) -> Catalog:
    """Return the source's entries in the other script; a correction goes before a conversion."""

    def spoken(text: str) -> str:
        return reworded(convert(text))

    built = Catalog(locale=BUILT, header_comment="")
    for entry in source:
        if not entry.id:
            continue
        corrected = corrections.get(entry.id[0] if isinstance(entry.id, tuple) else entry.id, entry.context)
        string: Any = (corrected or entry).string
        if corrected is None:
            string = spoken(string) if isinstance(string, str) else tuple(map(spoken, string))
        built.add(entry.id, string, context=entry.context)
    return built


def build(folder: Path, convert: Convert) -> None:
    """Write the catalogue anew."""
    built = converted(load_catalogue(SOURCE, folder), load_catalogue(CORRECTIONS, folder), convert)
    out = io.BytesIO()
    write_po(out, built, omit_header=True, width=0)
    header = (
        f"# {STAMP}{fingerprint(folder)}\n"
        'msgid ""\nmsgstr ""\n"Language: zh_TW\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    entries = "\n".join(line for line in out.getvalue().decode().splitlines() if not line.startswith("#,"))
    (folder / f"{BUILT}.po").write_text(f"{header}{entries.strip()}\n", encoding="utf-8", newline="\n")


def main() -> int:
    """Build the catalogue with OpenCC; says what to install where that is missing."""
    try:
        opencc = importlib.import_module("opencc")
    except ImportError:
        sys.stderr.write('OpenCC is needed: pip install -c constraints.txt -e ".[dev]"\n')
        return 1
    build(LOCALE, cast("Convert", opencc.OpenCC(CONVERSION).convert))
    return 0


if __name__ == "__main__":
    sys.exit(main())
