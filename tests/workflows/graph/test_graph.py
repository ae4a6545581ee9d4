import json

import pytest

from bot.workflows import GraphError, check_graph, consumers, node_title, read_graph
from bot.workflows.graph.graph import MAXIMUM_BYTES, MAXIMUM_NODES, is_link, link_of, links, named, upstream
from tests.workflows.made import basic, node


def told(data: bytes) -> str:
    with pytest.raises(GraphError) as caught:
        read_graph(data)
    return caught.value.problem.text


def test_a_graph_is_read_and_reduced_to_what_comfyui_reads():
    graph = basic()
    graph["7"]["_meta"] = {"title": "Save", "ver": "1"}
    graph["7"]["is_changed"] = [1]
    read = read_graph(json.dumps(graph).encode())
    assert read["7"] == node("SaveImage", "Save", filename_prefix="x", images=["6", 0])


def test_the_body_of_a_prompt_is_a_graph_too():
    assert read_graph(json.dumps({"prompt": basic(), "client_id": "x"}).encode()).keys() == basic().keys()


def test_a_byte_order_mark_does_not_matter():
    assert read_graph(b"\xef\xbb\xbf" + json.dumps(basic()).encode())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "line 1"),
        (b"{", "not valid JSON: line 1"),
        (b"\xff\xfe", "UTF-8"),
        (b"[]", "no graph"),
        (b"{}", "no graph"),
        (b"3", "no graph"),
        (b'{"1": 3}', "Node 1 has no class_type"),
        (b'{"1": {"class_type": 3}}', "Node 1 has no class_type"),
        (b'{"1": {"class_type": "A", "inputs": 3}}', "Node 1 has inputs that are no object"),
        (b'{"1": {"class_type": "A", "inputs": {"x": NaN}}}', "Node 1 holds a value"),
        (b'{"1": {"class_type": "A", "inputs": {"x": ' + b"[" * 70 + b"]" * 70 + b"}}}", "nested too deeply"),
        (b'{"1": ' + b"[" * 200_000, "nested too deeply"),
        (b'{"1": ' + b"9" * 10_000 + b"}", "holds too much"),
        (b'{"1": [' + b"[]," * 300_000 + b"0]}", "holds too much"),
        (b" " * (MAXIMUM_BYTES + 1), "larger than 5 MB"),
    ],
    ids=str,
)
def test_what_is_no_graph_is_said_plainly(data: bytes, says: str):
    assert says in told(data)


def test_too_many_nodes_or_inputs():
    with pytest.raises(GraphError, match="more than 5000 nodes"):
        check_graph({str(i): node("A") for i in range(MAXIMUM_NODES + 1)})
    with pytest.raises(GraphError, match="more than 2000 inputs"):
        check_graph({"1": {"class_type": "A", "inputs": {f"x{i}": 1 for i in range(2001)}}})


def test_finding_ones_way():
    graph = check_graph(basic())
    assert link_of(graph, "5", "model") == ("1", 0)
    assert link_of(graph, "5", "steps") is None
    assert link_of(graph, "99", "x") is None
    assert dict(links(graph, "6")) == {"samples": ("5", 0), "vae": ("1", 2)}
    assert ("6", "samples", 0) in consumers(graph)["5"]
    assert upstream(graph, ["7"])[:2] == ["7", "6"]
    assert set(upstream(graph, ["7", "none"])) == set(graph)
    assert node_title(graph, "2") == "Words"
    assert node_title(graph, "4") == "EmptyLatentImage"
    assert node_title(graph, "99") == "99"
    assert named(graph, "words") == ["2"]
    assert named(graph, "CLIPTextEncode") == ["2", "3"]
    assert named(graph, "7") == []


@pytest.mark.parametrize("value", [None, 3, "x", [], ["1"], ["1", "0"], ["1", True], [True, 0], [1.5, 0]])
def test_what_is_no_link(value: object):
    assert not is_link(value)
