"""Sentences, numbers and names come out as a reader of the language expects them."""

import logging
import re
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog

from bot.errors import OptionName, UserError
from bot.i18n import LANGUAGES, N_, Language, Message, as_code, escape, language_for
from bot.i18n.language import load_languages

ENGLISH, CHINESE = LANGUAGES["en"], LANGUAGES["zh-CN"]


@pytest.fixture
def language() -> Language:
    catalogue = Catalog(locale="zh_CN")
    catalogue.add("Too late for {what}, {who}.", "{who}，{what}太晚了。")
    catalogue.add("the picture", "图片")
    catalogue.add(("{n} picture for {who}", "{n} pictures for {who}"), ("给{who}的 {n} 张图片",))
    catalogue.add("broken {here}", "坏了 {there}")
    catalogue.add("unsure", "不确定", flags=["fuzzy"])
    catalogue.add("queue", "队列", context="command name")
    return Language("zh-CN", Locale("zh", "CN", "Hans"), catalogue)


@pytest.mark.parametrize(
    ("locale", "code"),
    [
        ("zh-CN", "zh-CN"),
        ("zh-TW", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh_Hant_HK", "zh-TW"),
        ("zh-SG", "zh-CN"),
        ("zh", "zh-CN"),
        ("ZH-cn", "zh-CN"),
        ("en-US", "en"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_any_chinese_locale_gets_its_chinese_and_all_others_english(locale: str | None, code: str) -> None:
    assert language_for(locale).code == code


def test_the_first_language_there_is_one_for_is_spoken() -> None:
    assert language_for(None, "de", "zh-TW", "en-US").code == "zh-TW"
    assert language_for(None, "en-GB", "zh-TW").code == "en"
    assert language_for("de", "fr").code == "en"


def test_a_catalogue_adds_a_language(tmp_path: Path) -> None:
    (tmp_path / "pt_BR.po").write_text(
        'msgid ""\nmsgstr "Language: pt_BR\\n"\n\nmsgid "Seen"\nmsgstr "Visto"\n', encoding="utf-8"
    )
    (tmp_path / "pt_BR.overrides.po").write_text("", encoding="utf-8")
    languages = load_languages(tmp_path)
    assert list(languages) == ["en", "pt-BR"]
    assert languages["pt-BR"].t("Seen") == "Visto"
    assert languages["pt-BR"].own_name == "português (Brasil)"
    assert languages["pt-BR"].number(1234.5) == "1.234,5"


def test_what_is_not_converted_yet_is_said_in_the_other_script(tmp_path: Path) -> None:
    for name, entry in (("zh_CN", 'msgid "Seen"\nmsgstr "看见"\n'), ("zh_TW", "")):
        (tmp_path / f"{name}.po").write_text(
            f'msgid ""\nmsgstr "Language: {name}\\n"\n\n{entry}', encoding="utf-8"
        )
    languages = load_languages(tmp_path)
    assert languages["zh-TW"].t("Seen") == "看见"
    assert [language.own_name for language in languages.values()] == ["English", "中文 (简体)", "中文 (繁體)"]


def test_arguments_are_put_in_by_name_and_taken_as_they_are(language: Language) -> None:
    assert ENGLISH.t("Too late for {what}, {who}.", what="{x}", who="A") == "Too late for {x}, A."
    assert language.t("Too late for {what}, {who}.", what="{x}", who="A") == "A，{x}太晚了。"
    assert language.t("no translation {x:02d} {{}}", x=3) == "no translation 03 {}"


def test_a_message_or_refusal_inside_another_is_translated_too(language: Language) -> None:
    inner = Message(N_("the picture"))
    assert language.t("Too late for {what}, {who}.", what=inner, who="A") == "A，图片太晚了。"
    assert language.error(
        UserError("Too late for {what}, {who}.", what=UserError("the picture"), who="A")
    ) == ("A，图片太晚了。")
    assert str(Message("Too late for {what}, {who}.", what=inner, who="A")) == "Too late for the picture, A."
    assert "the picture" in repr(inner)


def test_arguments_are_written_as_the_language_writes_them() -> None:
    assert ENGLISH.t("{a}", a=("x", Message("y"), "z")) == "x, y, and z"
    assert CHINESE.t("{a}", a=["x", "y", "z"]) == "x、y和z"
    assert ENGLISH.t("{a} {b} {c}", a=7.0, b=0.25, c=None) == "7 0.25 None"
    assert ENGLISH.t("{seed}", seed=9007199254740991) == "9007199254740991"
    assert ENGLISH.t("{a:.1f}", a=7.0) == "7.0"


def test_the_form_fits_the_number(language: Language) -> None:
    def say(speaker: Language, n: int) -> str:
        return speaker.n("{n} picture for {who}", "{n} pictures for {who}", n, who="A")

    assert [say(ENGLISH, n) for n in (0, 1, 2, 1000)] == [
        "0 pictures for A",
        "1 picture for A",
        "2 pictures for A",
        "1,000 pictures for A",
    ]
    assert [say(language, n) for n in (1, 2)] == ["给A的 1 张图片", "给A的 2 张图片"]


def test_a_language_with_several_forms_picks_by_its_own_rule() -> None:
    catalogue = Catalog(locale="pl")
    catalogue.add(("{n} file", "{n} files"), ("{n} plik", "{n} pliki", "{n} plików", "{n} pliku"))
    polish = Language("pl", Locale("pl"), catalogue)
    assert [polish.n("{n} file", "{n} files", n) for n in (1, 2, 5)] == ["1 plik", "2 pliki", "5 plików"]


def test_a_broken_translation_falls_back_to_english(
    language: Language, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert language.t("broken {here}", here="x") == "broken x"
        assert ENGLISH.t("broken {here}") == "broken {here}"
    assert len(caplog.records) == 3
    assert language.t("unsure") == "unsure"
    assert language.t("") == ""


def test_names_are_found_in_their_context_only(language: Language) -> None:
    assert language.name("queue", "command name") == "队列"
    assert language.name("queue", "option name") is None
    assert language.description("queue") is None
    assert language.description("the picture") == "图片"
    assert ENGLISH.name("queue", "command name") is None
    assert repr(language) == "Language('zh-CN')"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (-1, "0 s", "0 秒"),
        (0.4, "0 s", "0 秒"),
        (59.4, "59 s", "59 秒"),
        (59.6, "1 min", "1 分钟"),
        (80, "1 min 20 s", "1 分 20 秒"),
        (3600, "1 h", "1 小时"),
        (3725, "1 h 2 min", "1 小时 2 分"),
        (86400, "1 d", "1 天"),
        (100000, "1 d 3 h", "1 天 3 小时"),
    ],
)
def test_durations(seconds: float, english: str, chinese: str) -> None:
    assert (ENGLISH.duration(seconds), CHINESE.duration(seconds)) == (english, chinese)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1 KB"),
        (1536, "1.5 KB"),
        (1048575, "1 MB"),
        (10 * 1024 * 1024, "10 MB"),
        (5 * 1024**4 * 1024, "5,120 TB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert ENGLISH.size(count) == text
    assert CHINESE.size(count) == text


def test_numbers_percentages_and_lists() -> None:
    assert ENGLISH.number(1234567.5) == "1,234,567.5"
    assert (ENGLISH.percent(0.456), CHINESE.percent(1)) == ("46%", "100%")
    assert ENGLISH.listing(["a"]) == "a"
    assert ENGLISH.listing([]) == ""
    assert ENGLISH.listing(["a", "b"], "or") == "a or b"
    assert CHINESE.listing(["a", "b"], "or") == "a或b"


def test_options_are_named_as_discord_shows_them() -> None:
    sentence = UserError("{name} must be at least {minimum}.", name=OptionName("steps"), minimum=1)
    assert str(sentence) == "steps must be at least 1."
    assert language_for("zh-CN").error(sentence).startswith("“步数”")
    several = Message("{names}", names=OptionName("prompt, seed, some_other"))
    assert language_for("zh-CN").say(several) == "提示词, 种子, some_other"


HOSTILE = "*bold* @everyone <@17> [here](http://evil.example) `code` \u202egnp.exe ||gone|| <:a:17>"


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_nothing_in_an_error_has_a_meaning_but_its_sentence(language: Language) -> None:
    inner = UserError("The workflow failed at “{node}”.", node=HOSTILE)
    said = language.error(
        UserError("“{workflow}” cannot be used at present. Please tell whoever runs the bot. What can be used: {there}.",
                  workflow=inner, there=[HOSTILE, HOSTILE])
    )  # fmt: skip
    assert said.count(escape(HOSTILE)) == 3
    assert "\u202e" not in said
    assert not re.search(r"(?<!\\)[*@<`|\[]", said)


def test_numbers_options_and_code_in_an_error_stay_readable() -> None:
    english = LANGUAGES["en"]
    assert (
        english.error(
            UserError(
                "{name} must be from {minimum} to {maximum}.", name=OptionName("cfg"), minimum=0.5, maximum=-3
            )
        )
        == "cfg must be from 0.5 to -3."
    )
    literal = UserError("There is no wildcard called {name}, and no other either. Write `{literal}` if you mean just that.",
                        name="my_hair", literal="\\__my_hair__")  # fmt: skip
    assert english.error(literal) == (
        "There is no wildcard called my\\_hair, and no other either. Write `\\__my_hair__` if you mean just that."
    )
    assert "`" not in as_code("a ` b\nc")


def test_a_refusal_that_repeats_a_long_text_still_says_what_to_do() -> None:
    error = UserError("There is no LoRA called “{name}”. Choose one from the list.", name="*" * 4000)
    said = ENGLISH.error(error)
    assert len(said) < 1200
    assert said.endswith("…”. Choose one from the list.")
