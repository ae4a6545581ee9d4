"""Workflows made to do harm, small ones in `hostile/` and large ones made here: none comes enabled, each is done soon."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UserError
from bot.workflows import ObjectInfo, Workflow, bind
from bot.workflows.library.library import build
from bot.workflows.library.sources import read_bytes
from tests.canvas import saved_picture
from tests.workflows.made import LIMITS, basic, node
from tests.workflows.strangers import raw

FOLDER = Path(__file__).parent / "hostile"
FILES = sorted(FOLDER.glob("*.json"))
INFO = ObjectInfo(raw(), "one:8188")
SECONDS = 6.0 if sys.gettrace() is None else 30.0  # measuring coverage takes its time
"""Of computing for the largest; a third of it is the most, but watching coverage slows it."""


def read(data: bytes, name: str = "made.json", info: ObjectInfo | None = INFO) -> Workflow:
    """Read a file as the folder does; whatever is in it, that never raises."""
    began = time.process_time()
    work = build(read_bytes(name, data), info)
    took = time.process_time() - began
    assert took < SECONDS, f"{took:.1f} s"
    return work


def refused(work: Workflow) -> list[str]:
    """Return why it is off, having made sure that it is and that nothing of it can be sent."""
    assert not work.enabled
    assert all(each.text and len(each.text) < 2_000 for each in work.problems)
    assert len(work.problems) <= 200
    if work.outputs:
        with pytest.raises(UserError):
            bind(work, {"prompt": "x"} if work.takes("prompt") else {}, INFO, limits=LIMITS)
    return [each.text for each in work.faults]


@pytest.mark.parametrize("file", FILES, ids=[each.stem for each in FILES])
def test_none_comes_enabled(file: Path):
    said = refused(read(file.read_bytes(), file.name))
    assert said
    assert not read(file.read_bytes(), file.name, info=None).enabled
    assert not read(file.read_bytes(), file.name, info=ObjectInfo({})).enabled


@pytest.mark.parametrize("file", FILES, ids=[each.stem for each in FILES])
def test_none_comes_enabled_out_of_a_picture(file: Path):
    assert refused(read(saved_picture(json.loads(file.read_bytes())), "made.png"))


def test_the_harmless_graph_that_all_of_them_are_made_of_is_enabled():
    graph = basic(n20=node("PrimitiveString", value="x"), n21=node("PreviewAny", source=["20", 0]))
    assert read(json.dumps(graph).encode()).enabled


# --- large ones


def many_nodes(count: int) -> bytes:
    return json.dumps({str(number): node("Runner", code="import os") for number in range(count)}).encode()


def many_drawn(count: int) -> bytes:
    nodes = [
        {"id": number, "type": "Run Command", "mode": 0, "inputs": [], "widgets_values": ["import os"]}
        for number in range(count)
    ]
    return json.dumps({"nodes": nodes, "links": []}).encode()


def many_questions(count: int) -> bytes:
    graph = basic()
    for number in range(100, 100 + count):
        graph[str(number)] = node("Tool", formula=f"import os{number}", link=f"http://{number}")
        graph[f"{number}s"] = node("PreviewAny", source=[str(number), 0])
    return json.dumps(graph).encode()


def deep(opening: str, inmost: str, closing: str, depth: int) -> bytes:
    """A sound graph with one value that lies in so many others."""
    graph = json.dumps(basic(n20=node("Runner", code="$"), n21=node("PreviewAny", source=["20", 0])))
    return graph.replace('"$"', opening * depth + inmost + closing * depth).encode()


def deep_lists(depth: int) -> bytes:
    return deep("[", "", "]", depth)


def deep_objects(depth: int) -> bytes:
    return deep('{"a":', "1", "}", depth)


def deep_wrapping(depth: int) -> bytes:
    return deep('{"__value__":', '"import os"', "}", depth)


def long_text(length: int) -> bytes:
    return json.dumps(
        basic(n20=node("Runner", code="a" * length), n21=node("PreviewAny", source=["20", 0]))
    ).encode()


def long_title(length: int) -> bytes:
    graph = basic(
        n20=node("Runner", "$" + "a." * (length // 2), code="x"), n21=node("PreviewAny", source=["20", 0])
    )
    return json.dumps(graph).encode()


def long_names(length: int) -> bytes:
    graph = basic(n20=node("Ru" + "n" * length, code="x"), n21=node("PreviewAny", source=["20", 0]))
    graph["20"]["inputs"]["i" * length] = "y"
    return json.dumps(graph).encode()


def chain(length: int, class_type: str, name: str, **more: str) -> bytes:
    graph = basic(n20=node("Runner", code=["100", 0]), n21=node("PreviewAny", source=["20", 0]))
    for number in range(100, 100 + length):
        inputs: dict[str, Any] = {name: [str(number + 1), 0], **more}
        graph[str(number)] = node(class_type, **inputs)
    graph[str(100 + length)] = node("PrimitiveString", value="import os")
    return json.dumps(graph).encode()


def ring(length: int) -> bytes:
    graph = basic(n20=node("Runner", code=["100", 0]), n21=node("PreviewAny", source=["20", 0]))
    for number in range(length):
        graph[str(100 + number)] = node("PrimitiveString", value=[str(100 + (number + 1) % length), 0])
    return json.dumps(graph).encode()


def fan(width: int) -> bytes:
    graph = basic(n100=node("StringConcatenate", string_a="import", string_b=" os", delimiter=""))
    for number in range(101, 101 + width):
        graph[str(number)] = node("Runner", code=["100", 0], more=["100", 0])
        graph[f"{number}s"] = node("PreviewAny", source=[str(number), 0])
    return json.dumps(graph).encode()


def wide(inputs: int) -> bytes:
    texts = {f"t{number}": "import os" for number in range(inputs)}
    links: dict[str, Any] = {f"l{number}": ["20", 0] for number in range(inputs - 1)}
    graph = basic(n20=node("Tool", **texts), n21=node("PreviewAny", source=["20", 0], **links))
    return json.dumps(graph).encode()


def dense(nodes: int) -> bytes:
    graph = basic(n20=node("Runner", code=["100", 0]), n21=node("PreviewAny", source=["20", 0]))
    for number in range(100, 100 + nodes):
        links: dict[str, Any] = {
            f"any_{each}": [str(100 + (number * 7 + each * 13) % nodes), 0] for each in range(40)
        }
        graph[str(number)] = node("Any Switch", **links)
    return json.dumps(graph).encode()


def nested(depth: int, twice: int) -> bytes:
    """Subgraphs in each other, each of which holds the next so many times."""
    inner: dict[str, Any] = {
        "id": 5,
        "type": "Run Command",
        "mode": 0,
        "inputs": [],
        "widgets_values": ["import os"],
    }
    inner["outputs"] = [{"name": "STRING", "type": "STRING", "links": [1]}]
    link = {"id": 1, "origin_id": 5, "origin_slot": 0, "target_id": -20, "target_slot": 0, "type": "STRING"}
    graphs: list[dict[str, Any]] = []
    for level in range(depth):
        nodes = [inner] if level == 0 else [
            {**inner, "id": 5 + each, "type": f"level-{level - 1}", "widgets_values": []} for each in range(twice)
        ]  # fmt: skip
        graphs.append({
            "id": f"level-{level}", "name": "x", "inputNode": {"id": -10}, "outputNode": {"id": -20}, "inputs": [],
            "outputs": [{"id": "o", "name": "STRING", "type": "STRING", "linkIds": [1]}], "nodes": nodes, "links": [link],
        })  # fmt: skip
    top = {**inner, "id": 1, "type": f"level-{depth - 1}", "widgets_values": []}
    shown = {"id": 2, "type": "PreviewAny", "mode": 0, "inputs": [{"name": "source", "type": "*", "link": 1}]}
    document = {
        "nodes": [top, shown],
        "links": [[1, 1, 0, 2, 0, "STRING"]],
        "definitions": {"subgraphs": graphs},
    }
    return json.dumps(document).encode()


LARGE: dict[str, tuple[Callable[[], bytes], str]] = {
    "10 000 nodes": (lambda: many_nodes(10_000), "more than 5000 nodes"),
    "10 000 nodes drawn": (lambda: many_drawn(10_000), "more than 5000 nodes"),
    "as many nodes as may be": (lambda: many_nodes(5_000), "No node saves"),
    "as many drawn": (lambda: many_drawn(5_000), "No node saves"),
    "many questions": (lambda: many_questions(2_400), "needs approval"),
    "10 000 lists in each other": (lambda: deep_lists(10_000), "nested too deeply"),
    "60 lists in each other": (lambda: deep_lists(60), "needs approval"),
    "10 000 objects in each other": (lambda: deep_objects(10_000), "nested too deeply"),
    "60 objects in each other": (lambda: deep_objects(60), "needs approval"),
    "10 000 wrappings": (lambda: deep_wrapping(10_000), "nested too deeply"),
    "40 wrappings": (lambda: deep_wrapping(40), "wrapped more than once"),
    "a text of 4 MB": (lambda: long_text(4_000_000), "needs approval"),
    "a text of 6 MB": (lambda: long_text(6_000_000), "larger than 5 MB"),
    "a title of 1 MB": (lambda: long_title(1_000_000), "needs approval"),
    "names of 1 MB": (lambda: long_names(1_000_000), "more than 500 characters"),
    "a chain of primitives": (lambda: chain(4_900, "PrimitiveString", "value"), "needs approval"),
    "a chain of texts": (lambda: chain(4_900, "StringConcatenate", "string_a", string_b="x"), "needs approval"),
    "a chain of what passes anything on": (lambda: chain(4_900, "Any Switch", "any_01"), "needs approval"),
    "a ring of primitives": (lambda: ring(4_900), "circle"),
    "a fan": (lambda: fan(2_400), "needs approval"),
    "2 000 inputs": (lambda: wide(2_000), "needs approval"),
    "2 500 inputs": (lambda: wide(2_500), "more than 2000 inputs"),
    "a thicket": (lambda: dense(2_000), "needs approval"),
    "1 000 subgraphs in each other": (lambda: nested(1_000, 1), ""),
    "10 000 subgraphs in each other": (lambda: nested(10_000, 1), ""),
    "subgraphs that double": (lambda: nested(40, 2), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_large_ones_are_done_soon_and_refused_in_words(name: str):
    make, why = LARGE[name]
    said = refused(read(make()))
    assert any(why in each for each in said), said[:3]


@pytest.mark.parametrize(
    "make",
    [
        many_nodes, lambda size: many_questions(size // 2), lambda size: fan(size // 2),
        lambda size: chain(size, "PrimitiveString", "value"), lambda size: chain(size, "Any Switch", "any_01"),
        lambda size: chain(size, "StringConcatenate", "string_a", string_b="x"), lambda size: long_text(900 * size),
    ],
    ids=["nodes", "questions", "fan", "primitives", "anything", "texts", "long"],
)  # fmt: skip
def test_twice_as_much_takes_no_more_than_twice_as_long(make: Callable[[int], bytes]):
    def took(size: int) -> float:
        data, best = make(size), 99.0
        for _ in range(3):
            began = time.process_time()
            build(read_bytes("made.json", data), INFO)
            best = min(best, time.process_time() - began)
        return best

    small, large = took(1_100), took(4_400)
    # Four times the size: linear is 4, quadratic 16.
    assert large < 9 * small + 0.1, (small, large)
