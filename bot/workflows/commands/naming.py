"""Names and descriptions as Discord takes them, in every language somebody wrote them in."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from bot.i18n import LANGUAGES, Language
from bot.workflows.model.standard import split_name, standard_title
from bot.workflows.model.values import LocalText

LONGEST_NAME = 32
LONGEST_DESCRIPTION = 100
ENGLISH = "en"


def texts(text: LocalText) -> dict[str, str]:
    """Return what is written, by language code, without empty ones."""
    return {code: each.strip() for code, each in text.texts.items() if each.strip()}


def option_names(text: str) -> str:
    """Return a text as Discord takes it for a name, lower case, without what may not be in it; may be empty."""
    joined = re.sub(r"[\s/.:]+", "_", unicodedata.normalize("NFKC", text).strip().lower())
    kept = "".join(each for each in joined if each in "-_" or unicodedata.category(each)[0] in "LN")
    return kept.strip("_-")[:LONGEST_NAME].strip("_-")


def described(text: LocalText | None, *, fallback: str) -> tuple[str, dict[str, str]]:
    """Return a description in English and in the other languages, each of 1 to 100 characters.

    A fallback out of our own sentences comes in every language we speak.
    """
    written = texts(text) if text is not None else {}
    found = {code: _cut(each) for code, each in written.items()}
    if ENGLISH not in found:
        found[ENGLISH] = _cut(next(iter(written.values()), fallback))
    for code, language in LANGUAGES.items():
        if not written and code != ENGLISH and (translated := language.description(fallback)):
            found[code] = _cut(translated)
    return found.pop(ENGLISH), found


def _cut(text: str) -> str:
    line = " ".join(text.split()) or "…"
    return line if len(line) <= LONGEST_DESCRIPTION else line[: LONGEST_DESCRIPTION - 1].rstrip() + "…"


class Names:
    """Gives the options of one command names that differ from each other in every language."""

    def __init__(self, names: Iterable[str]) -> None:
        self._own: dict[str, str] = {}
        self._taken: set[str] = set()
        for name in names:
            self._own[name] = self._free(option_names(name) or "option")
            self._taken.add(self._own[name])

    def of(self, name: str, title: LocalText | None = None) -> tuple[str, dict[str, str]]:
        """Return an option's name, and its names in other languages where they are free."""
        translated: dict[str, str] = {}
        for code, text in _titles(name, title).items():
            made = option_names(text)
            if made and made not in self._taken:
                translated[code] = made
        self._taken |= set(translated.values())
        return self._own[name], translated

    def _free(self, name: str) -> str:
        if name not in self._taken:
            return name
        number = 2
        while (other := f"{name[: LONGEST_NAME - 4]}_{number}") in self._taken:
            number += 1
        return other


def _titles(name: str, title: LocalText | None) -> Mapping[str, str]:
    """Return what an option is called in other languages: as the manifest says, else as everywhere in the bot."""
    usual = standard_title(name)
    own = texts(title) if title is not None and title != usual else {}
    found = {code: text for code, text in own.items() if _primary(code) != ENGLISH}
    said = {_primary(code) for code in found}
    for code, language in LANGUAGES.items():
        if _primary(code) != ENGLISH and _primary(code) not in said:
            found[code] = _called(language, name) or texts(usual).get(code, "")
    return found


def _called(language: Language, name: str) -> str | None:
    base, number = split_name(name)
    whole, first = language.name(name, "option name"), language.name(base, "option name")
    return whole or (f"{first}{number}" if first else None)


def _primary(code: str) -> str:
    return code.split("-")[0].lower()
