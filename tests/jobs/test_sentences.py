"""Servers' complaints in words: helpful, and without paths."""

import pytest

from bot.comfy import ExecutionError, Problem, Rejected
from bot.jobs.failure import Reason
from bot.jobs.sentences import of_execution, of_problems, of_rejection, plain

GRAPH = {"5": {"class_type": "VAEDecode", "inputs": {}, "_meta": {"title": "Decode"}}}


@pytest.mark.parametrize(
    ("error", "reason", "said"),
    [
        (ExecutionError("5", "VAEDecode", "ValueError", "boom", False), Reason.WORKFLOW, "“Decode”: boom"),
        (ExecutionError("5.0.1", "Inner", "ValueError", "", False), Reason.WORKFLOW, "at “Decode”."),
        (
            ExecutionError("77", "Custom", "X", "no /home/me/x.png", False),
            Reason.WORKFLOW,
            "“Custom”: no x.png",
        ),
        (ExecutionError("5", "", "torch.OutOfMemoryError", "…", True), Reason.OUT_OF_MEMORY, "smaller size"),
        (None, Reason.WORKFLOW, "could not finish"),
    ],
)
def test_why_a_node_failed(error: ExecutionError | None, reason: Reason, said: str):
    failure = of_execution(error, GRAPH, "REF")
    assert (failure.reason, failure.reference) == (reason, "REF")
    assert said in str(failure.sentence)


def problem(kind: str, **changes) -> Problem:
    fields = {
        "node_id": "4",
        "title": "Load",
        "class_type": "C",
        "input": "ckpt",
        "type": kind,
        "reason": "Why: x",
    }
    return Problem(**{**fields, **changes})


@pytest.mark.parametrize(
    ("complaint", "said"),
    [
        (
            problem("value_not_in_list", received="x", allowed=("a", "b")),
            "“x” for “ckpt” of “Load”. It has: a, b",
        ),
        (problem("value_not_in_list", received="x", allowed=tuple("abcdefg")), "a, b, c, d, e, …"),
        (problem("value_not_in_list", received="x"), "does not have “x”"),
        (problem("value_smaller_than_min", received=0, minimum=1), "no smaller than 1"),
        (problem("value_bigger_than_max", received=9, maximum=5), "no larger than 5"),
        (problem("missing_node_type"), "lacks the node “Load”"),
        (problem("required_input_missing"), "leaves “ckpt” of “Load” empty"),
        (problem("prompt_no_outputs"), "no node that saves"),
        (problem("custom_validation_failed"), "refused “Load” of this workflow: Why: x"),
        (problem("odd", title="", reason="Why"), "refused this workflow: Why"),
        (problem("odd", title="", reason=""), "tell whoever runs the bot"),
    ],
)
def test_why_a_graph_was_refused(complaint: Problem, said: str):
    assert said in str(of_problems([complaint], "").sentence)


def test_the_complaint_that_helps_most_is_told():
    vague, helpful = problem("x", input=None), problem("value_not_in_list", received="q", allowed=("a",))
    assert "It has: a" in str(of_problems([vague, problem("y"), helpful], "").sentence)


@pytest.mark.parametrize(
    ("rejected", "said"),
    [
        (Rejected(413), "smaller attachment"),
        (Rejected(401), "does not let the bot in"),
        (Rejected(400, "secret"), "tell whoever runs the bot"),
        (Rejected(400, problems=(problem("prompt_no_outputs"),)), "no node that saves"),
    ],
)
def test_refusals(rejected: Rejected, said: str):
    failure = of_rejection(rejected, "")
    assert failure.reason is Reason.REJECTED
    assert said in str(failure.sentence)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cannot open '/home/user/comfy/in put/x.png'", "cannot open 'in put/x.png'"),
        (r"C:\Users\me\models\x.ckpt is bad", "x.ckpt is bad"),
        (r"\\server\share\x.ckpt", "x.ckpt"),
        ("see file:///srv/comfy/y.py", "see file:y.py"),
        ("a\n\n  b", "a b"),
        ("1/2 and and/or", "1/2 and and/or"),
    ],
)
def test_paths_are_taken_out(text: str, said: str):
    assert plain(text) == said


def test_long_words_are_cut():
    assert len(plain("x" * 1000)) == 200
