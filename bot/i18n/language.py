"""A language people are spoken to in: sentences, numbers, durations, sizes and lists."""

import functools
import logging
import string
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.numbers import format_compact_decimal, format_decimal, format_percent

from bot.errors import Amount, OptionName, Seconds, UserError
from bot.i18n.catalogue import LOCALE, catalogues, find, load_catalogue
from bot.i18n.markdown import as_code, escape, names_in_code
from bot.i18n.marker import N_

log = logging.getLogger(__name__)

SIZES = ("B", "KB", "MB", "GB", "TB")
KILO = 1024
LONGEST = 500
"""Characters of a word in a refusal; what is said of it matters more."""
TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})
PLURALS = ("zero", "one", "two", "few", "many", "other")


class Message:
    """A sentence and its arguments, put into words only where the language is known."""

    __slots__ = ("arguments", "message")

    def __init__(self, message: str, /, **arguments: object) -> None:
        self.message = message
        self.arguments: Mapping[str, object] = arguments

    def __str__(self) -> str:
        return language_for(None).say(self)

    def __repr__(self) -> str:
        return f"Message({self.message!r}, {dict(self.arguments)!r})"


class Language:
    """Puts everything a person sees into one language. Never fails: what has no translation stays English."""

    def __init__(self, code: str, locale: Locale, *catalogues: Catalog | None) -> None:
        """Make a language; what the first catalogue does not have is looked for in the next."""
        self.code = code
        self._locale = locale
        self._catalogues = tuple(catalogue for catalogue in catalogues if catalogue is not None)
        self._formatter = _Formatter(self)

    def __repr__(self) -> str:
        return f"Language({self.code!r})"

    @property
    def own_name(self) -> str:
        """What its speakers call it."""
        # By its script where that tells more than the country does.
        script = self._locale.script
        named = Locale(self._locale.language, script=script) if script else self._locale
        return named.get_display_name() or self.code

    def t(self, message: str, /, **args: object) -> str:
        """Translate a sentence and put its arguments in by name.

        An argument that is itself a `Message` or `UserError` is translated too, a list of things becomes a
        listing, a fraction is written as the language writes it. Braces in arguments are left alone.
        """
        forms = self._find(message)
        return self._fill(forms[0] if forms else message, message, args)

    def n(self, singular: str, plural: str, n: int, /, **args: object) -> str:
        """Translate a sentence in the form that fits the number; `{n}` in it is the number, grouped."""
        args = {"n": self.number(n)} | args
        english = singular if n == 1 else plural
        forms = self._find(singular)
        text = forms[min(self._plural(n), len(forms) - 1)] if forms else english
        return self._fill(text, english, args)

    def say(self, message: Message | UserError) -> str:
        """Put a message that was made elsewhere into words."""
        return self.t(message.message, **message.arguments)

    def error(self, error: UserError) -> str:
        """Put a refusal or failure into words, as Markdown in which nothing but the sentence itself has a meaning.

        Its arguments are people's, servers' and files' own words.
        """
        forms = self._find(error.message)
        sentence = forms[0] if forms else error.message
        code = names_in_code(sentence)
        arguments = {name: self._harmless(each, code=name in code) for name, each in error.arguments.items()}
        return self._fill(sentence, error.message, arguments)

    def _harmless(self, value: object, *, code: bool) -> object:
        match value:
            case UserError():
                return self.error(value)
            case list() | tuple() | set() | frozenset():
                return [self._harmless(each, code=code) for each in cast("Sequence[object]", value)]
            case str() | Message():
                words = self.written(value)
                if len(words) > LONGEST:
                    words = words[: LONGEST - 1] + "…"
                return as_code(words) if code else escape(words)
            case _:
                return value

    def name(self, text: str, context: str) -> str | None:
        """Return the translation of a name used in that context (`command name`, `option name` …), if it has one."""
        forms = self._find(text, context)
        return forms[0] if forms else None

    def description(self, text: str) -> str | None:
        """Return the translation of a sentence, or nothing where there is none."""
        forms = self._find(text)
        return forms[0] if forms else None

    def number(self, x: float) -> str:
        """Write a number with the language's separators, at most three decimals."""
        return format_decimal(x, locale=self._locale)

    def compact(self, x: float) -> str:
        """Write a large number in the language's own units, such as `2.2M` or `220万`."""
        return format_compact_decimal(x, fraction_digits=1, locale=self._locale)

    def percent(self, fraction: float) -> str:
        """Write a fraction of 1 in whole per cent."""
        return format_percent(fraction, format="#,##0%", locale=self._locale)

    def duration(self, seconds: float) -> str:
        """Write a duration by its two largest units, whole seconds at the finest."""
        minutes, second = divmod(max(0, round(seconds)), 60)
        hours, minute = divmod(minutes, 60)
        days, hour = divmod(hours, 24)
        parts = {"seconds": second, "minutes": minute, "hours": hour, "days": days}
        if days:
            message = N_("{days} d {hours} h") if hour else N_("{days} d")
        elif hours:
            message = N_("{hours} h {minutes} min") if minute else N_("{hours} h")
        elif minutes:
            message = N_("{minutes} min {seconds} s") if second else N_("{minutes} min")
        else:
            message = N_("{seconds} s")
        return self.t(message, **parts)

    def language_name(self, code: str) -> str:
        """Return what a language is called, by its code; the code itself where nobody knows."""
        try:
            return Locale(code.split("-")[0].lower()).get_display_name(self._locale) or code
        except UnknownLocaleError:
            return code

    def date(self, day: date) -> str:
        """Write a day as the language does, short but with its year."""
        return format_date(day, format="medium", locale=self._locale)

    def size(self, count: float) -> str:
        """Write a number of bytes as Discord does, in steps of 1024."""
        unit = 0
        while round(count, 1) >= KILO and unit < len(SIZES) - 1:
            count /= KILO
            unit += 1
        return f"{self.number(round(count, 1) if unit else round(count))} {SIZES[unit]}"

    def listing(self, items: Iterable[object], style: Literal["and", "or"] = "and") -> str:
        """Write things one after the other, the last one joined by a word."""
        words = [self.written(item) for item in items]
        return format_list(words, style="or" if style == "or" else "standard", locale=self._locale)

    def _find(self, message: str, context: str | None = None) -> Sequence[str] | None:
        found = (find(catalogue, message, context) for catalogue in self._catalogues)
        return next((forms for forms in found if forms is not None), None)

    def _plural(self, n: int) -> int:
        """Return which form of a translation goes with a number, by the language's own rule."""
        rule = self._locale.plural_form
        tags = [tag for tag in PLURALS if tag in rule.tags or tag == "other"]
        return tags.index(rule(n))

    def written(self, value: object) -> str:
        """Write one argument of a sentence as the language writes it."""
        match value:
            case Message() | UserError():
                return self.say(value)
            case OptionName():
                return ", ".join(self.name(each, "option name") or each for each in value.split(", "))
            case str():
                return str(value)
            case Amount():
                return self.number(value)
            case Seconds():
                return self.duration(value)
            case float():
                return self.number(value)
            case list() | tuple() | set() | frozenset():
                return self.listing(cast("Sequence[object]", value))
            case _:
                return str(value)

    def _fill(self, text: str, english: str, args: Mapping[str, object]) -> str:
        for candidate in (text, english):
            try:
                return self._formatter.vformat(candidate, (), args)
            except (LookupError, ValueError):
                log.exception("sentence cannot be filled in: %r with %s", candidate, sorted(args))
        return english


class _Formatter(string.Formatter):
    """`str.format`, except that arguments without a format of their own are written in the language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec:
            return super().format_field(value, format_spec)
        return self._language.written(value)


def load_languages(folder: Path = LOCALE) -> Mapping[str, Language]:
    """Return English and every language that has a catalogue in the folder, by Discord's codes."""
    read = {name: load_catalogue(name, folder) for name in catalogues(folder)}
    found = {"en": Language("en", Locale("en"))}
    for name, catalogue in read.items():
        # What is not converted yet is better read in the other script than in English.
        alike = read.get("zh_CN") if name == "zh_TW" else None
        code = name.replace("_", "-")
        found[code] = Language(code, Locale.parse(name), catalogue, alike)
    return found


LANGUAGES: Mapping[str, Language] = load_languages()


@functools.lru_cache(maxsize=256)
def code_for(locale: str | None) -> str | None:
    """Return the code of the language for a Discord locale: the very one, else one like it; None where there is none.

    Chinese as it is written in Taiwan, Hong Kong and Macau is the traditional one; all other is the simplified one.
    """
    wanted = str(locale or "").replace("_", "-").lower().split("-")
    if wanted[0] == "zh":
        code = "zh-TW" if TRADITIONAL.intersection(wanted) else "zh-CN"
        return code if code in LANGUAGES else "zh-CN"
    exact = "-".join(wanted)
    alike = [code for code in LANGUAGES if code.lower().split("-")[0] == wanted[0]]
    return next((code for code in alike if code.lower() == exact), alike[0] if alike else None)


def language_for(*locales: str | None) -> Language:
    """Return the language for the first of these Discord locales that there is one for; else English."""
    return LANGUAGES[next(filter(None, map(code_for, locales)), "en")]
