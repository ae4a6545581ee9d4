"""Which scripts a text is written in, and whether a workflow's model reads them: by characters, no guessing of languages."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from bot.workflows.model.workflow import Workflow

# Of Unicode's names of letters, how the first word stands for a script.
_SCRIPTS = {
    "LATIN": "Latn",
    "FULLWIDTH": "Latn",
    "CJK": "Hani",
    "HIRAGANA": "Kana",
    "KATAKANA": "Kana",
    "HALFWIDTH": "Kana",
    "HANGUL": "Hang",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "ARABIC": "Arab",
    "HEBREW": "Hebr",
    "THAI": "Thai",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "GEORGIAN": "Geor",
    "ARMENIAN": "Armn",
}
# What a language is written in beside Latin letters, which every model has seen: names and terms are full of them.
_OF_LANGUAGES = {
    "zh": {"Hani"},
    "ja": {"Hani", "Kana"},
    "ko": {"Hang", "Hani"},
    "ru": {"Cyrl"},
    "uk": {"Cyrl"},
    "bg": {"Cyrl"},
    "sr": {"Cyrl"},
    "el": {"Grek"},
    "ar": {"Arab"},
    "fa": {"Arab"},
    "ur": {"Arab"},
    "he": {"Hebr"},
    "th": {"Thai"},
    "hi": {"Deva"},
    "mr": {"Deva"},
    "bn": {"Beng"},
    "ta": {"Taml"},
    "te": {"Telu"},
    "ka": {"Geor"},
    "hy": {"Armn"},
}
_SHARE = 0.2
"""Up to such a part of the letters may be foreign: a name in its own script is no prompt in a foreign one."""


@lru_cache(maxsize=4096)
def script_of(letter: str) -> str | None:
    """Return the script of a letter by its ISO 15924 code; None for what belongs to none, and for the rarer ones."""
    if not letter.isalpha():
        return None
    return _SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0].split("-")[0])


def unread(languages: Iterable[str], text: str) -> bool:
    """Whether a text is in a script that none of these languages is written in; without languages, never."""
    known = [language.split("-")[0].lower() for language in languages]
    if not known:
        return False
    readable = {"Latn"}.union(*(_OF_LANGUAGES.get(language, set[str]()) for language in known))
    scripts = [script for script in map(script_of, text) if script is not None]
    foreign = sum(script not in readable for script in scripts)
    return bool(scripts) and foreign > _SHARE * len(scripts)


def reads(workflow: Workflow, text: str) -> bool:
    """Whether the workflow's model reads the script of a text, as far as its manifest says."""
    return not unread(workflow.prompt_languages, text)
