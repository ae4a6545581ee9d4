"""Blocked words are found in any disguise, innocent words are let through, and no pattern can hang the bot."""

import random
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.policy.build import table
from bot.policy.folding import SIMPLIFIED, fold
from bot.policy.words import parse_words, read_words
from tests.linear import seconds

ENGLISH = "nude\nass\nsex\nrape\nrapist\ncunt\ncock\nchild porn\ngore\nanal\nslut\nspic\nnaked girl"
CHINESE = "裸体\n色情\n强奸\n幼女\n儿童色情\n性爱"
GERMAN = "nackt\nfotze\nhure\nschwuchtel\nmord\nnutte"
FILE = "\n".join((ENGLISH, CHINESE, GERMAN))

DISGUISED = [
    "nude", "NUDE!", "a nude_girl", "nude_girl", "1girl,nude,bed", "(nude:1.2)", "n-u-d-e", "n.u.d.e", "n u d e",
    "a n u d e girl", "n  u  d  e", "n-u-d-e girl", "nu-de", "nu_de", "ｎｕｄｅ", "n\u200bude", "n\u3164u\u3164d\u3164e",
    "nude\u3164girl", "nu\u115fde", "n\u00adu\u00adde", "nüdé", "nu\u0308de\u0301", "n\u0336u\u0336d\u0336e\u0336",
    "𝓷𝓾𝓭𝓮", "ⓝⓤⓓⓔ", "🅽🆄🅳🅴", "nude女孩", "child porn", "child-porn", "child_porn", "childporn", "child.porn", "CHILD  PORN",
    "child\nporn", "c-h-i-l-d-p-o-r-n", "naked-girl", "a naked_girl",
    "裸体", "一个裸体的女孩", "裸 体", "裸,体", "裸，体", "裸-体", "一个裸 体女孩", "裸\u3000体", "裸\u200b体", "裸體", "裸 體", "强奸", "強姦", "強_姦",
    "儿 童 色 情", "兒童色情", "儿童 色情", "幼ㅤ女", "性.爱", "画着色 情的画", "画裸 体女", "请绘裸 体女",
    "Nackt", "n-a-c-k-t", "ein_nackt_bild", "n\u00e4ckt", "MORD!", "m o r d", "Nu-tte", "hu\u200cre",
]  # fmt: skip
INNOCENT = [
    "a street in Essex", "E S S E X", "Sussex and Middlesex", "a therapist in her office", "the rapids", "Scunthorpe United",
    "a cockpit full of switches", "peacock feathers", "a nu deck of cards", "nu deck", "a classic bass guitar", "sextant, sextet",
    "an assassin's glass", "passage", "analysis of a canal", "a despicable villain", "spicy noodles", "Gorey's cat", "grape juice",
    "drapes", "children playing, corn fields", "a child, popcorn", "assets, classes", "denuded hills", "cockatoo", "a town called Slutsk",
    "Wessex 1066", "plan a, as such", "gorgeous", "a trapeze artist", "the unbaked girl scout cookies", "naked-eye view, girl", "as soon as",
    "半裸，体操", "半裸, 体操服", "半裸 体操", "蓝色 情侣", "红色，情人节", "特色。情书", "角色,情绪", "坚强，奸商", "老幼，女士优先", "男性 爱人",
    "理性,爱", "颜色、情感、光影", "裸眼立体", "肉体，灵魂", "人体解剖", "女孩在体育馆", "一只彩色 情态各异的猫", "體操選手", "強大的奸臣", "兒童樂園",
    "绘画色彩 情感", "油画性格 爱好者", "Kontakt zur Nacht", "Morgenröte", "Mordor", "Schnecke", "ein Hurrikan", "die Natur, Eichen", "Uhren und Huroniter", "Nuttenheim",
    "geschnackt", "Zermordung? Mordent!", "ein gehurer Berg", "Fotzenau", "Nackttisch", "Hurenkind im Satz",
]  # fmt: skip


@pytest.mark.parametrize("text", DISGUISED)
def test_a_blocked_word_is_found_in_any_disguise(text: str):
    assert parse_words(FILE).found(["", f"{text}"]) is not None


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_words_pass(text: str):
    assert parse_words(FILE).found([text]) is None


def test_there_are_as_many_innocent_texts_as_disguised_ones():
    assert len(INNOCENT) >= len(DISGUISED)


@pytest.mark.parametrize(
    ("listed", "text", "found"),
    [
        ("Straße", "STRASSE", True),
        ("café", "cafe\u0301", True),
        ("two words", "two \n  words", True),
        ("two words", "two other words", False),
        ("c++", "c++ code", True),
        ("c++", "abc++", False),
        ("@ss", "an @ss", True),
        ("r18裸体", "R18裸體", True),
        ("слово", "Слово!", True),
        ("слово", "словом", False),
        ("裸體", "裸体", True),
        ("# comment", "comment", False),
        ("", "anything", False),
        ("/", "/", True),
        (r"/n[o0]{2,}pe/", "so N0O0OPE", True),
        (r"/^gore\b/", "no gore", False),
        (r"/^gore\b/", "Gore, blood", True),
        (r"/\bслово\b/", "это слово.", True),
        (r"/\bслово\b/", "словом", False),
        (r"/\bass\b/", "assø", False),
        (r"/\bgore\b.*\bblood\b/", "gore and much blood", True),
        (r"/\bgore\b.*\bblood\b/", "gore and bloody", False),
        (r"/gore\b$/", "no gore", True),
        (r"/[^a]gore\s+\w+x\b/", "no gore \u3000héllox", True),
        (r"/n[\W_]*u[\W_]*d[\W_]*e/", "n_u ~ d\te", True),
        (r"/\bn[\W_]*u[\W_]*d[\W_]*e\b/", "a n_u ~ d\te b", True),
        (r"/[^\W_]{3}/", "a_b c", False),
        (r"/\w{4}/", "裸体女孩", True),
        (r"/裸體|圖/", "画图", True),
        (r"/stra(ß|x)e/", "STRASSE", True),
        (r"/(?i:A)(?P<x>b)c{2}\x64/", "abccd", True),
        (r"/[a\-\]\\]z/", "-z", True),
        (r"/\d+\.\d/", "x 12.5", True),
        ("/(a+)+b/", "aaab", True),
        ("/.*.*.*x/", "yyyx", True),
    ],
)
def test_what_is_found(listed: str, text: str, found: bool):
    assert (parse_words(listed).found(["", text]) is not None) is found


@pytest.mark.parametrize("gap", ["-", " "])
@pytest.mark.parametrize(("count", "found"), [(8, "naked girl"), (9, None)])
def test_between_two_words_of_an_entry_may_stand_so_much(gap: str, count: int, found: str | None):
    assert parse_words("naked girl").found([f"naked{gap * count}girl"]) == found


def test_words_are_told_as_they_are_listed():
    assert parse_words("child porn").found(["so child-porn"]) == "child porn"
    assert parse_words("裸體").found(["裸 体"]) == "裸体"
    assert parse_words(r"/\bgo+re\b/").found(["Gooore!"]) == "gooore"


def test_the_example_file_keeps_words_on_minors_out_of_negative_prompts_too():
    words = read_words(Path(__file__).parents[2] / "docs" / "blocked-words.example.txt")
    for text in ("loli", "a naked little girl", "幼 女", "幼女", "儿童色情", "ロリ"):
        assert words.found([text]) is not None
        assert words.found([], negative=[text]) is not None
    assert words.found(["gore"]) is not None
    assert words.found([], negative=["gore, 裸体, a little girl"]) is None


def test_all_of_a_text_is_looked_at():
    assert parse_words("nude").found(["x " * 20_000 + "nude"]) == "nude"


def test_the_negative_prompt_may_name_what_is_not_wanted_but_for_lines_that_say_so():
    words = parse_words("nude\nnegative: loli\nNegative: /sh[o0]ta/\nnegative:\n")
    assert words.found([], negative=["nude, gore"]) is None
    assert words.found(["nude"]) == "nude"
    for text in ("loli", "l-o-l-i", "sh0ta"):
        assert words.found([text]) is not None
        assert words.found([], negative=[text]) is not None
    assert words.found(["this is negative: yes"]) == "negative:", "as an old file would mean it"


@pytest.mark.parametrize(
    "pattern",
    ["/(a)\\1/", "/(/", "/?a/", "/[a-z]+(?=!)/", "/(?<!x)y/", "/(?P=x)/", "/a{1,5000}/", "/[a/", "/a\\Bb/",
     "/" + "x" * 1001 + "/", "/[z-a]/", "/(?R)/", "/((a{99}){99}){99}/", "/[^\\Wab]/"],
)  # fmt: skip
def test_patterns_that_cannot_be_searched_for_are_refused_by_line(pattern: str):
    with pytest.raises(ConfigError, match=r"line 2: the pattern"):
        parse_words(f"fine\n{pattern}")


@pytest.mark.parametrize(
    "pattern", ["/(a+)+b/", "/(a|aa)+$/", "/(?:x*y?)*z/", "/.*.*.*x/", "/" + "a?" * 200 + "b/"]
)
@pytest.mark.parametrize("unit", ["a", "xy", "a ", "é", "裸"])
def test_no_pattern_takes_long(pattern: str, unit: str):
    words = parse_words(pattern)
    assert seconds(lambda: words.found([unit * 12_000])) < 0.1


UNITS = ["nude ", "n", "n ", "n-", "-n", "n-ude-", "裸", "裸 ", "裸a", " ", "-", "é", "a\u0301\u0316", "\u05c2\u05b0", "\u3164", "n\u3164", "\ufdfa", "１"]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_three_thousand_words_are_looked_for_quickly(unit: str):
    dice = random.Random(5)
    listed = ["".join(dice.choices("abcdefghinopqrstuvw", k=dice.randint(3, 12))) for _ in range(1500)]
    listed += [f"{one} {other}" for one, other in zip(listed[:500], listed[500:1000], strict=True)]
    listed += ["".join(dice.choices("裸体色情强奸女童死血", k=dice.randint(2, 6))) for _ in range(1000)]
    words = parse_words("\n".join(listed))
    assert seconds(lambda: words.found([(unit * 12_000)[:12_000]])) < 0.1
    assert seconds(lambda: words.found([("a fox in the snow, " * 700)[:4000]])) < 0.02


def test_traditional_characters_are_folded_as_opencc_converts_them():
    assert SIMPLIFIED.read_text("utf-8") == table(), "run python -m bot.policy.build"
    assert fold("裸體與兒童") == "裸体与儿童"


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
    assert not parse_words("")
