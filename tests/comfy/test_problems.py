import json
from typing import Any

import pytest

from bot.comfy import Problem, parse_problems
from tests.comfy.graphs import quick
from tests.comfy.recordings import exchanges

GRAPH = quick()


def node_error(**error: Any) -> dict[str, Any]:
    return {"error": {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"},
            "node_errors": {"1": {"errors": [error], "dependent_outputs": ["2"], "class_type": "EmptyImage"}}}  # fmt: skip


def test_a_number_out_of_range_names_its_range() -> None:
    info = {"input_name": "width", "input_config": ["INT", {"min": 1, "max": 8}], "received_value": 9}
    body = node_error(
        type="value_bigger_than_max", message="Value 9 bigger than max of 8", details="width", extra_info=info
    )
    assert parse_problems(body, GRAPH) == (
        Problem("1", "Plain colour", "EmptyImage", "width", "value_bigger_than_max", "Value 9 bigger than max of 8: width",
                9, (), 1, 8),
    )  # fmt: skip


@pytest.mark.parametrize("config", [[["a", "b", 5], {}], ["COMBO", {"options": ["a", "b", 5]}]])
def test_allowed_values_are_read_from_both_styles_of_list(config: list[Any]) -> None:
    info = {"input_name": "x", "input_config": config, "received_value": "c" * 1000}
    (problem,) = parse_problems(node_error(type="value_not_in_list", extra_info=info), GRAPH)
    assert problem.allowed == ("a", "b", "5")
    assert problem.received == "c" * 200


def test_a_missing_class_names_its_node_on_old_and_new_servers() -> None:
    graph = {"1": {"class_type": "Gone", "inputs": {}, "_meta": {"title": "Mine"}}}
    old = {
        "error": {
            "type": "invalid_prompt",
            "message": "No Gone.",
            "details": "Node ID '#1'",
            "extra_info": {},
        }
    }
    extra = {"node_id": "1", "class_type": "Gone", "node_title": "Mine"}
    new = {"error": {"type": "missing_node_type", "message": "No Gone.", "details": "", "extra_info": extra}}
    for body in (old, new):
        (problem,) = parse_problems(body, graph)
        assert (problem.node_id, problem.title, problem.class_type) == ("1", "Mine", "Gone")


def test_no_reason_shows_a_path_or_a_python_error() -> None:
    body = node_error(
        type="exception_during_inner_validation", message="Broke in /srv/ComfyUI/nodes.py and C:\\Users\\me\\x.py",
        details="'inputs'", extra_info={"traceback": ['File "/srv/ComfyUI/execution.py"']},
    )  # fmt: skip
    (problem,) = parse_problems(body, GRAPH)
    assert problem.reason == "Broke in … and …"


@pytest.mark.parametrize(
    "body",
    [None, [], "x", 5, {"error": None}, {"error": [1]}, {"node_errors": []}, {"node_errors": {"1": None}},
     {"node_errors": {"1": {"errors": None}}}, {"node_errors": {"1": {"errors": [None, 5, "x"]}}}],
)  # fmt: skip
def test_a_body_that_says_nothing_gives_no_problems(body: Any) -> None:
    assert parse_problems(body, GRAPH) == ()


def test_complaints_of_wrong_types_are_still_read() -> None:
    error = {
        "type": 5,
        "message": None,
        "details": [],
        "extra_info": {"input_config": {"a": 1}, "received_value": {}},
    }
    (problem,) = parse_problems({"node_errors": {"x": {"errors": [error], "class_type": 7}}}, {"x": 3})
    assert (problem.title, problem.type, problem.reason, problem.received) == ("x", "", "", None)
    assert parse_problems({"error": "jobs must be a list"}, {})[0].reason == "jobs must be a list"


def test_every_recorded_refusal_gives_problems_without_paths() -> None:
    refusals = 0
    for sent, status, answer in exchanges("06_validation.jsonl", "/prompt"):
        if status != 400:
            continue
        refusals += 1
        graph = sent.get("prompt") if isinstance(sent, dict) else None
        problems = parse_problems(json.loads(answer), graph if isinstance(graph, dict) else {})
        assert problems
        assert all(problem.type and problem.reason for problem in problems)
        assert "/srv" not in repr(problems)
        assert "Traceback" not in repr(problems)
    assert refusals > 15
