"""Blocked words are found in any disguise, innocent words are let through, and no pattern can hang the bot."""

import time
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.policy.words import BlockedWords, parse_words, read_words


@pytest.mark.parametrize(
    ("listed", "text", "found"),
    [
        ("ass", "an ass on a hill", True),
        ("ass", "a classic bass", False),
        ("ass", "ASS!", True),
        ("ass", "ass_1", False),
        ("Straße", "STRASSE", True),
        ("word", "ｗｏｒｄ", True),
        ("word", "wo\u200brd", True),
        ("word", "w\u0336o\u0336r\u0336d\u0336", True),
        ("word", "wo\x07\u202erd", True),
        ("café", "cafe\u0301", True),
        ("two words", "two \n  words", True),
        ("禁词", "这是禁词吗", True),
        ("c++", "c++ code", True),
        ("# comment", "comment", False),
        ("", "anything", False),
        (r"/n[o0]{2,}pe/", "so N0O0OPE", True),
        (r"/^gore\b/", "no gore", False),
        ("/", "/", True),
    ],
)
def test_what_is_found(listed: str, text: str, found: bool):
    assert (parse_words(listed).found(["", text]) is not None) is found


@pytest.mark.parametrize(
    "pattern",
    ["/(a+)+b/", "/(a|aa)+$/", "/(?:x*y?)*z/", "/((ab)+){2,}/", "/(a)\\1/", "/(/", "/?a/", "/.*.*.*x/",
     "/a{1,5000}/", "/" + "a?" * 20 + "/", "/" + "x" * 400 + "/", "/[z-a]/", "/(?R)/"],
)  # fmt: skip
def test_patterns_that_are_wrong_or_could_hang_are_refused_by_line(pattern: str):
    with pytest.raises(ConfigError, match="line 2"):
        parse_words(f"fine\n{pattern}")


@pytest.mark.parametrize("pattern", ["/.*a.*b/", "/(?:cat|dog)s?\\s+\\w+x/", "/[a-z]+(?=!)/"])
def test_patterns_that_are_allowed_are_quick_on_the_worst_text(pattern: str):
    words = parse_words(pattern)
    started = time.perf_counter()
    words.found(["a" * 100_000, "cats " * 20_000])
    assert time.perf_counter() - started < 2


def test_a_file_is_read_and_a_missing_one_is_told(tmp_path: Path):
    file = tmp_path / "words.txt"
    file.write_text("\ufeffbad\n\n# fine\n", "utf-8")
    assert read_words(file).found(["BAD"]) == "bad"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="MODERATION_BLOCKED_WORDS"):
        read_words(file)
    with pytest.raises(ConfigError, match="MODERATION_BLOCKED_WORDS"):
        read_words(tmp_path / "none.txt")
    file.write_bytes(b"x" * 1_000_001)
    with pytest.raises(ConfigError, match="larger"):
        read_words(file)
    assert isinstance(parse_words(""), BlockedWords)
