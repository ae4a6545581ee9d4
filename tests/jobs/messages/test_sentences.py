"""Servers' complaints in words: helpful, in the person's language, and without paths."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.comfy import ExecutionError, Problem, Rejected
from bot.comfy.history import parse_history
from bot.comfy.problems import parse_problems
from bot.i18n import language_for
from bot.jobs.messages.complaints import Places, of_problems, of_rejection
from bot.jobs.messages.sentences import of_execution
from bot.jobs.messages.wording import plain
from bot.jobs.model.failure import Reason
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.workflow import Workflow

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
        (
            ExecutionError("5", "", "torch.OutOfMemoryError", "…", True),
            Reason.OUT_OF_MEMORY,
            "try again later",
        ),
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
        (problem("missing_node_type"), "lacks the node “C”"),
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("401 for https://me:pass@host.example/x", "401 for https:x"),
        ("api_key=abc123 refused", "api_key=… refused"),
        ('{"token": "very-secret"}', '{"token": "…"}'),
        ("sk-abcdefghijklmnopqrstuv is no key", "… is no key"),
        ("sent with Bearer abc.def", "sent with Bearer …"),
        ("a tokenizer failed", "a tokenizer failed"),
    ],
)
def test_secrets_are_taken_out(text: str, said: str):
    assert plain(text) == said


def a_workflow() -> Workflow:
    parameters = {
        "model": Parameter(name="model", type=ParameterType.MODEL, targets=(("4", "ckpt"),)),
        "steps": Parameter(name="steps", type=ParameterType.INTEGER, targets=(("3", "steps"),)),
        "cfg": Parameter(name="cfg", type=ParameterType.NUMBER, targets=(("3", "cfg"),), fixed=7),
    }
    return Workflow(name="w", parameters=parameters)


CHINESE = language_for("zh-CN")
PLACES = Places(a_workflow())


@pytest.mark.parametrize(
    ("complaint", "english", "chinese"),
    [
        (
            problem("value_not_in_list", received="dreamshper.safetensors",
                    allowed=("a.safetensors", "dreamshaper.safetensors", "b.ckpt")),
            "does not have “dreamshper.safetensors” for model. Did you mean one of these? dreamshaper.safetensors",
            "没有“dreamshper.safetensors”可用作模型。你要找的是不是：dreamshaper.safetensors",
        ),
        (
            problem("value_not_in_list", received="qqqq", allowed=("a.ckpt", "b.ckpt")),
            "for model. It has: a.ckpt, b.ckpt",
            "可用作模型，可选的有：a.ckpt, b.ckpt",
        ),
        (problem("value_not_in_list", received="q"), "for model. Please choose another.", "请换一个"),
        (
            problem("value_bigger_than_max", node_id="3", input="steps", received=900, minimum=1, maximum=150),
            "steps must be from 1 to 150.",
            "步数”必须在 1 到 150 之间",
        ),
        (
            problem("value_bigger_than_max", node_id="3", input="steps", received=900, maximum=150),
            "steps can be at most 150.",
            "步数",
        ),
        (
            problem("value_smaller_than_min", node_id="3", input="steps", received=0, minimum=1),
            "steps must be at least 1.",
            "步数",
        ),
        (
            problem("value_bigger_than_max", node_id="3", input="cfg", received=900, maximum=100),
            "“cfg” of “Load” is 900; it can be no larger than 100.",
            "不能大于 100",
        ),
        (problem("required_input_missing"), "needs model", "需要“模型”"),
        (
            problem("custom_validation_failed", reason="Custom validation failed: image - Invalid image file: x.png"),
            "attach it again",
            "重新上传",
        ),
        (
            problem("custom_validation_failed", input="other", reason="image - Invalid image file: x.png"),
            "needs the file x.png",
            "文件 x.png",
        ),
        (
            problem("custom_validation_failed", input="x", reason=f"Invalid image file: {'ab' * 32}.png"),
            "attach it again",
            "重新上传",
        ),
    ],
)  # fmt: skip
def test_options_are_called_what_the_person_calls_them(complaint: Problem, english: str, chinese: str):
    sentence = of_problems([complaint], "", PLACES).sentence
    assert english in str(sentence)
    assert chinese in CHINESE.error(sentence)


@pytest.mark.parametrize(
    ("kind", "message", "said"),
    [
        ("OSError", "[Errno 28] No space left on device: '/srv/comfy/output'", "disk of the image server is full"),
        ("PIL.UnidentifiedImageError", "cannot identify image file '/srv/x.png'", "PNG or JPEG"),
        ("FileNotFoundError", "Model in folder 'checkpoints' with filename 'sd/a.ckpt' not found.", "file sd/a.ckpt."),
        ("safetensors_rust.SafetensorError", "Error while deserializing header: HeaderTooLarge", "damaged"),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (77x768 and 1024x320)", "do not fit together"),
    ],
)  # fmt: skip
def test_well_known_failures_say_what_to_do(kind: str, message: str, said: str):
    failure = of_execution(ExecutionError("5", "VAEDecode", kind, message, False), GRAPH, "REF")
    assert said in str(failure.sentence)
    assert "/srv" not in str(failure.sentence)
    assert CHINESE.error(failure.sentence) != str(failure.sentence)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ((), "Please try again later."),
        (("model",), "Please try again later."),
        (("picture", "model"), "Try a smaller picture."),
        (("width", "height", "picture"), "Try a smaller size."),
        (("aspect", "steps"), "Try a smaller size."),
        (("megapixels",), "Try a smaller size."),
        (("batch",), "Try fewer pictures at once."),
        (("batch", "picture"), "Try fewer pictures at once."),
        (("batch", "width"), "Try a smaller size or fewer pictures at once."),
        (("length", "batch", "picture"), "Try a shorter length."),
        (("length", "batch", "height"), "Try a smaller size or a shorter length."),
    ],
)
def test_out_of_memory_says_what_of_this_job_to_lower(asked: tuple[str, ...], said: str):
    error = ExecutionError("5", "VAEDecode", "torch.OutOfMemoryError", "…", True)
    sentence = of_execution(error, GRAPH, "", asked=asked).sentence
    assert str(sentence).endswith(f"ran out of memory at “Decode”. {said}"), sentence
    assert CHINESE.error(sentence) != str(sentence)


TRACES = Path(__file__).parents[4] / "shared" / "data" / "comfyui-traces"
_FOLDERS = re.compile(r"(?<![\w.])/(?:[\w.-]+/){2,}|site-packages|Traceback|File \"")


def recorded(name: str) -> list[dict[str, Any]]:
    path = TRACES / name
    if not path.is_file():
        pytest.skip("the recorded sessions are not beside this repository")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_recorded_refusal_is_told_without_paths():
    told: set[str] = set()
    for entry in recorded("06_validation.jsonl"):
        if entry["kind"] != "http" or entry.get("status") != 400:
            continue
        asked = entry["req"]
        graph = asked.get("prompt") if isinstance(asked, dict) else None
        problems = parse_problems(json.loads(entry["resp"]), graph if isinstance(graph, dict) else {})
        failure = of_rejection(Rejected(400, problems=problems), "REF")
        told.add(str(failure.sentence))
        for sentence in (str(failure.sentence), CHINESE.error(failure.sentence)):
            assert not _FOLDERS.search(sentence), sentence
            assert len(sentence) < 500
    assert len(told) > 8
    assert any("It has: tiny_sd15_random.safetensors" in each for each in told), told
    assert any("lacks the node “NoSuchNode”" in each for each in told)
    assert any("attach it again" in each for each in told)


def test_every_recorded_failure_is_told_without_paths():
    told: set[str] = set()
    for entry in recorded("07_errors_interrupt.jsonl"):
        if entry["kind"] != "http" or "/history/" not in entry["path"] or entry.get("status") != 200:
            continue
        for ended in parse_history(json.loads(entry["resp"])):
            if ended.error is not None:
                sentence = str(of_execution(ended.error, {}, "REF").sentence)
                assert not _FOLDERS.search(sentence), sentence
                told.add(sentence)
    assert len(told) >= 3
    assert any("out of memory" in each for each in told), told
