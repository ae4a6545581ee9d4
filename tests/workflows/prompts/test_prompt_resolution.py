"""Texts that differ each time: choices, wildcards and LoRAs named in a prompt."""

import contextlib
import os
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.workflows import bind
from bot.workflows.model.approvals import Trust
from bot.workflows.prompts.expand import expand
from bot.workflows.prompts.prompt_resolution import needs_wildcards, spoken
from bot.workflows.prompts.wildcards import WildcardFolder, Wildcards
from tests.linear import seconds
from tests.workflows.made import LIMITS, basic, node, server, workflow

COLOURS = Wildcards({
    "colours": ("red", "blue"), "colours/dark": ("black", "navy"), "animals/cats": ("lynx", "a {big|small} cat"),
    "loop": ("__loop__",), "empty": (),
})  # fmt: skip


def made(text: str, seed: int = 1) -> str:
    return expand(text, seed, COLOURS.find)


def all_of(text: str) -> set[str]:
    return {made(text, seed) for seed in range(200)}


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("a {red|blue} fox", {"a red fox", "a blue fox"}),
        ("{a|{b|c}} d", {"a d", "b d", "c d"}),
        ("{a|}x", {"ax", "x"}),
        ("{one}", {"one"}),
        (r"\{a\|b\}", {"{a|b}"}),
        (r"{a\|b|c}", {"a|b", "c"}),
        ("(word:1.2) [a|b] BREAK", {"(word:1.2) [a|b] BREAK"}),
        ("a { b", {"a { b"}),
        ("a } b | c", {"a } b | c"}),
        ("{a|b} } {", {"a } {", "b } {"}),
        ("{2$$a|b|c}", {"a, b", "b, a", "a, c", "c, a", "b, c", "c, b"}),
        ("{1-2$$ and $$a|b}", {"a", "b", "a and b", "b and a"}),
        ("{9$$a|b}", {"a, b", "b, a"}),
        ("{0::a|b}", {"b"}),
        ("a __colours__ fox", {"a red fox", "a blue fox"}),
        ("__Colours/Dark__", {"black", "navy"}),
        ("__dark__", {"black", "navy"}),  # the only one called so
        ("__colours*__", {"red", "blue", "black", "navy"}),
        ("__animals/cats__", {"lynx", "a big cat", "a small cat"}),
        ("{__colours__|x}", {"red", "blue", "x"}),
        ("__empty__|", {"|"}),
        (r"\__colours__", {"__colours__"}),
        ("snake_case and ____", {"snake_case and ____"}),
        ("http://example.org // and /* this */", {"http://example.org // and /* this */"}),
        ("猫 {红|蓝}", {"猫 红", "猫 蓝"}),
    ],
)
def test_choices_and_wildcards(text: str, possible: set[str]):
    assert all_of(text) == possible


def test_weights_count():
    drawn = Counter(made("{3::a|b}", seed) for seed in range(400))
    assert 250 < drawn["a"] < 350


def test_the_same_seed_gives_the_same_and_another_seed_another():
    text = "{a|b|c|d|e|f} __colours__ {1|2|3|4|5|6|7|8}"
    assert made(text, 7) == made(text, 7)
    assert len({made(text, seed) for seed in range(30)}) > 15
    assert made("{a|b|c|d}{a|b|c|d}{a|b|c|d}", 2) == "baa", "drawn alike on every machine, today and tomorrow"


@pytest.mark.parametrize(
    "text",
    [
        "__loop__",
        "{" * 40 + "a" + "}" * 40,
        "{" * 3000,
        "{a|b}" * 1999 + "{" * 50,
        "x" * 13_000 + "{a|b}",
        "{|}" * 2500,
    ],
    ids=["loop", "nested", "open", "many", "long", "empty"],
)
def test_what_would_never_end_is_refused_or_done_soon(text: str):
    began = time.process_time()
    with contextlib.suppress(UserError):
        made(text)
    assert time.process_time() - began < 1


def many_lines() -> Wildcards:
    return Wildcards({f"folder{number}/file{number}": tuple("ab") * 50 for number in range(2_000)})


@pytest.mark.parametrize(
    "text",
    [
        "__*__" * 800,
        " ".join(f"__*{number:03}*__" for number in range(700)),
        " ".join(f"__file{number}__" for number in range(500)),
        " ".join("__" + "*i" * 40 + "__" for _ in range(70)),
        "{99$$" + "a|" * 2990 + "}",
        "{" + "9999::a|" * 700 + "}",
        "_" * 6000 + "{}",
        "__a" * 2000 + "{}",
        "{99$$" * 20 + "a|" * 2000 + "}" * 20,
        "{" + "1" * 5990 + "}",
    ],
    ids=[
        "all lines",
        "likenesses",
        "names",
        "stars",
        "several",
        "weights",
        "lines",
        "names open",
        "deep",
        "digits",
    ],
)
def test_nothing_that_is_typed_takes_long_to_expand(text: str):
    wildcards = many_lines()

    def expanded() -> None:
        with contextlib.suppress(UserError):
            expand(text, 1, wildcards.find)

    assert seconds(expanded) < 0.1


def test_all_lines_alike_are_drawn_from_however_many_files_they_stand_in():
    wildcards = Wildcards({"a/x": ("1", "2"), "a/empty": (), "a/y": ("3",), "b": ("4",)})
    assert list(wildcards.find("a/*")) == ["1", "2", "3"]
    assert wildcards.find("a/*")[1:] == ["2", "3"]
    assert {expand("__a*__", seed, wildcards.find) for seed in range(60)} == {"1", "2", "3"}


def test_a_folder_is_read_no_further_than_memory_bears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.workflows.prompts.wildcards.MAXIMUM_TOTAL", 10)
    for name, text in (("a", "12345678"), ("b", "123"), ("c", "12")):
        (tmp_path / f"{name}.txt").write_text(text)
    folder = WildcardFolder(tmp_path)
    assert sorted(folder.refresh().lines) == ["a", "c"]
    assert sorted(folder.refresh().lines) == ["a", "c"], "what was read before counts, too"
    (tmp_path / "a.txt").write_text("1234")
    assert sorted(folder.refresh().lines) == ["a", "b", "c"]


def test_an_unknown_wildcard_names_those_there_are():
    with pytest.raises(
        UserError, match=r"no wildcard called nope\. There are: animals/cats, colours, colours/dark"
    ):
        made("a __nope__")
    with pytest.raises(
        UserError, match=r"no wildcard called nope, and no other either\. Write `\\__nope__` if"
    ):
        expand("__nope__", 1, Wildcards({}).find)
    many = Wildcards({f"name{number}": ("x",) for number in range(40)})
    with pytest.raises(UserError, match="There are: name7"):
        many.find("nam7")


def test_files_are_read_anew_when_they_change_and_never_from_elsewhere(tmp_path: Path):
    home, outside = tmp_path / "wildcards", tmp_path / "secret.txt"
    (home / "hair").mkdir(parents=True)
    outside.write_text("secret")
    (home / "hair" / "Colour.txt").write_text("\ufeffred\n\n# a remark\n blue ", encoding="utf-8")
    (home / "broken.txt").write_bytes(b"ok\xff\n")
    (home / "large.txt").write_bytes(b"x" * 2_000_001)
    folder = WildcardFolder(home)
    assert WildcardFolder(tmp_path / "none").refresh().lines == {}
    (home / "link.txt").symlink_to(outside)
    read = folder.refresh()
    assert read.lines == {"hair/colour": ("red", "blue"), "broken": ("ok\ufffd",)}
    for name in ("../secret", "/etc/passwd", "link", "hair/../../secret"):
        with pytest.raises(UserError):
            read.find(name)
    changed = home / "hair" / "Colour.txt"
    changed.write_text("green", encoding="utf-8")
    os.utime(changed, ns=(1, 1))
    assert folder.refresh().find("hair/colour") == ("green",)
    assert folder.current is not read


def test_loras_in_the_prompt_are_taken_out_and_loaded():
    work = workflow(basic())
    values = {"prompt": "a fox, <lora:detail:0.8>, at {dusk|dusk} <LoRA:ink_wash>", "lora": "watercolor"}
    changed = spoken(work, values, 1, COLOURS)
    assert changed == {"prompt": "a fox, at dusk", "lora": "watercolor, detail:0.8, ink_wash"}
    bound = bind(work, values | changed, server(), limits=LIMITS)
    assert (
        bound.values["lora"]
        == "watercolor.safetensors:1, detail.safetensors:0.8, anime/Ink_Wash.safetensors:1"
    )
    assert bound.graph["2"]["inputs"]["text"] == "a fox, at dusk"
    two = spoken(work, {"prompt": "x <lora:detail:0.8:0.6>"}, 1, COLOURS)
    graph = bind(work, two, server(), limits=LIMITS).graph
    loader = next(each["inputs"] for each in graph.values() if each["class_type"] == "LoraLoader")
    assert (loader["strength_model"], loader["strength_clip"]) == (0.8, 0.6)


def test_an_unknown_lora_in_the_prompt_is_refused_as_always():
    work = workflow(basic())
    with pytest.raises(UserError, match="The server has no LoRA called detial"):
        bind(work, spoken(work, {"prompt": "x <lora:detial:1>"}, 1, COLOURS), server(), limits=LIMITS)


def test_a_workflow_without_loras_says_so():
    service = {
        "input": {"required": {"prompt": ["STRING", {"multiline": True}]}}, "output": ["IMAGE"],
    }  # fmt: skip
    graph = {"1": node("Service", prompt="x"), "2": node("SaveImage", images=["1", 0], filename_prefix="x")}
    work = workflow(graph, info=server(Service=service))
    with pytest.raises(UserError, match="made takes no LoRAs: please take <lora:x:1> out"):
        spoken(work, {"prompt": "a <lora:x:1>"}, 1, COLOURS)


def test_only_what_changes_is_returned_and_own_texts_are_expanded_too():
    graph = basic()
    graph["3"]["inputs"]["text"] = "{blurry|dim} __unknown__"
    work = workflow(graph)
    assert spoken(work, {"prompt": "a (fox:1.2)"}, 1, COLOURS)["negative_prompt"] in {
        "blurry __unknown__", "dim __unknown__",
    }  # fmt: skip
    assert spoken(work, {"prompt": "a fox", "negative_prompt": "b"}, 1, COLOURS) == {}
    assert needs_wildcards(work, {"prompt": "x"})
    assert not needs_wildcards(work, {"prompt": "x", "negative_prompt": "y"})


def test_texts_that_nobody_fills_are_drawn_by_us_too_as_no_server_does_it():
    graph = basic(
        n20=node("Teller", words="{red|blue|green|white|black}"), n21=node("PreviewAny", source=["20", 0])
    )
    teller = {
        "input": {"required": {"words": ["STRING", {"multiline": True, "dynamicPrompts": True}]}}, "output": ["STRING"],
    }  # fmt: skip
    info = server(Teller=teller)
    work = replace(workflow(graph, info=info), trust=Trust(("Teller",)))
    assert ("20", "words") not in {place for each in work.parameters.values() for place in each.targets}
    drawn = {
        bind(work, {"prompt": "x", "seed": seed}, info, limits=LIMITS).graph["20"]["inputs"]["words"]
        for seed in (1, 1, 2, 3, 4, 5, 6)
    }
    assert len(drawn) > 1
    assert drawn <= {"red", "blue", "green", "white", "black"}
