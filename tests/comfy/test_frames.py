import json
import random
import struct
from typing import Any

import pytest

from bot.comfy import (
    Cached,
    Event,
    Failed,
    Finished,
    Interrupted,
    NodeOutput,
    NodeProgress,
    NodeStarted,
    Preview,
    Progress,
    ProgressText,
    ServerFlags,
    Started,
    Status,
    Step,
    Succeeded,
    Unknown,
    decode_binary,
    decode_text,
)  # fmt: skip
from tests.comfy.recordings import folder, lines

KNOWN = {
    "status", "feature_flags", "execution_start", "execution_cached", "progress_state", "progress", "executing", "executed",
    "execution_success", "execution_error", "execution_interrupted",
}  # fmt: skip


def text(kind: str, **data: Any) -> str:
    return json.dumps({"type": kind, "data": data})


def with_metadata(meta: Any, image: bytes = b"picture") -> bytes:
    head = meta if isinstance(meta, bytes) else json.dumps(meta).encode()
    return struct.pack(">II", 4, len(head)) + head + image


META = {"node_id": "5.0.1", "display_node_id": "5", "prompt_id": "p", "image_type": "image/jpeg"}
NODE = {"value": 1.0, "max": 2, "state": "running", "display_node_id": "5"}

FRAMES: list[tuple[str, Event]] = [
    (text("status", status={"exec_info": {"queue_remaining": 2}}, sid="x"), Status(2)),
    (text("feature_flags", supports_progress_text_metadata=True), ServerFlags(True)),
    (text("feature_flags", supports_progress_text_metadata=1), ServerFlags(False)),
    (text("execution_start", prompt_id="p", timestamp=1), Started("p")),
    (text("execution_cached", prompt_id="p", nodes=["1", "2", 3]), Cached("p", ("1", "2"))),
    (text("progress_state", prompt_id="p", nodes={"5.0.1": NODE, "x": None, "y": {"value": "1"}}),
     Progress("p", {"5.0.1": NodeProgress(1.0, 2.0, "running", "5")})),
    (text("progress", prompt_id="p", node="3", value=0, max=2), Step("p", "3", 0, 2)),
    (text("executing", prompt_id="p", node="5.0.1", display_node="5"), NodeStarted("p", "5.0.1", "5")),
    (text("executing", prompt_id="p", node=None), Finished("p")),
    (text("executed", prompt_id="p", node="9", output=None), NodeOutput("p", "9", ())),
    (text("execution_success", prompt_id="p"), Succeeded("p")),
    (text("execution_interrupted", prompt_id="p"), Interrupted("p")),
    (text("executing", node="1"), Unknown("executing")),
    (text("executing", prompt_id="p"), Unknown("executing")),
    (text("executing", prompt_id="p", node=5), Unknown("executing")),
    (text("progress", prompt_id="p", node="3", value=None, max=2), Unknown("progress")),
    (text("progress", prompt_id="p", node="3", value=float("nan"), max=float("inf")), Unknown("progress")),
    (text("status", status=None), Unknown("status")),
    (text("status", status={"exec_info": {"queue_remaining": float("inf")}}), Unknown("status")),
    (text("executed", prompt_id="p"), Unknown("executed")),
    (text("execution_start", prompt_id=5), Unknown("execution_start")),
    (text("custom.node", prompt_id="p"), Unknown("custom.node")),
    ('{"type":"executing","data":null}', Unknown("executing")),
    ('{"type":5}', Unknown("no type")),
    ("[]", Unknown("no type")),
    ("null", Unknown("no type")),
    ("", Unknown("not JSON")),
    ("{", Unknown("not JSON")),
    ("[" * 100_000, Unknown("not JSON")),
    ("1" * 100_000, Unknown("not JSON")),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "event"), FRAMES, ids=[f"{i}" for i in range(len(FRAMES))])
def test_each_text_frame_is_one_event(frame: str, event: Event) -> None:
    assert decode_text(frame) == event


def test_a_failure_tells_one_line() -> None:
    frame = text(
        "execution_error", prompt_id="p", node_id="4", node_type="K", exception_type="torch.OutOfMemoryError",
        exception_message="No room in /srv/models/x.safetensors\nTIPS: …", traceback=["/srv/x.py"], current_inputs=[],
    )  # fmt: skip
    event = decode_text(frame)
    assert isinstance(event, Failed)
    assert event.error.out_of_memory
    assert event.error.message == "No room in …"


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        (with_metadata(META), Preview("p", "5", b"picture", "jpeg")),
        (with_metadata(META | {"image_type": "image/png"}), Preview("p", "5", b"picture", "png")),
        (struct.pack(">II", 3, 2) + b"12" + "héllo\0".encode(), ProgressText(None, "12", "héllo")),
        (struct.pack(">II", 1, 1) + b"\xff\xd8", Unknown("binary 1")),
        (struct.pack(">I", 99), Unknown("binary 99")),
        (b"", Unknown("binary, short")),
        (b"\0\0\0", Unknown("binary, short")),
        (struct.pack(">I", 3), Unknown("binary 3")),
        (struct.pack(">II", 3, 2**32 - 1) + b"12", Unknown("binary 3")),
        (struct.pack(">I", 4), Unknown("binary 4")),
        (with_metadata(b"no json"), Unknown("binary 4")),
        (with_metadata(b"\xff\xfe{}"), Unknown("binary 4")),
        (with_metadata([]), Unknown("binary 4")),
        (with_metadata(META, b""), Unknown("binary 4")),
        (with_metadata(META | {"prompt_id": None}), Unknown("binary 4")),
        (with_metadata(META | {"image_type": "image/svg+xml"}), Unknown("binary 4")),
    ],
)
def test_each_binary_frame_is_one_event(frame: bytes, event: Event) -> None:
    assert decode_binary(frame) == event


def test_texts_name_their_job_where_the_server_says_that_they_do() -> None:
    frame = struct.pack(">II", 3, 1) + b"p" + struct.pack(">I", 2) + b"12" + b"hi"
    assert decode_binary(frame, text_metadata=True) == ProgressText("p", "12", "hi")
    assert decode_binary(frame[:9], text_metadata=True) == Unknown("binary 3")
    assert decode_binary(frame[:5], text_metadata=True) == Unknown("binary 3")


def test_every_recorded_frame_of_a_known_kind_is_understood() -> None:
    seen = 0
    for line in lines():
        if line["kind"] != "ws_text":
            continue
        message = json.loads(line["text"])
        event = decode_text(line["text"])
        if message["type"] == "executing" and "prompt_id" not in message["data"]:
            assert event == Unknown("executing")  # sent again after a reconnect, for whichever job
        else:
            assert isinstance(event, Unknown) is (message["type"] not in KNOWN)
            seen += 1
    assert seen > 1000


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("event1", Unknown),
        ("event1_png", Unknown),
        ("event3", ProgressText),
        ("event4", Preview),
        ("event4_png", Preview),
    ],
)
def test_every_recorded_binary_frame_is_understood(name: str, kind: type) -> None:
    assert isinstance(decode_binary((folder() / f"sample_{name}.bin").read_bytes()), kind)


def mutated(frame: bytes, dice: random.Random) -> bytes:
    """Return the frame with some bytes changed, taken out, put in, or its tail cut off."""
    changed = bytearray(frame)
    for _ in range(dice.randint(1, 8)):
        place = dice.randrange(len(changed) + 1)
        match dice.randrange(4):
            case 0 if place < len(changed):
                changed[place] = dice.randrange(256)
            case 1:
                del changed[place : place + dice.randint(1, 20)]
            case 2:
                changed[place:place] = dice.choice(
                    [b'"', b"{", b"[", b"null", b"NaN", b"1e999", b"\\ud800", b"\xff", b"-"]
                )
            case _:
                del changed[max(4, place) :]
    return bytes(changed)


def mutilated(value: Any, dice: random.Random) -> Any:
    """Return the JSON with some values replaced by ones of another type."""
    if dice.random() < 0.1:
        return dice.choice(
            [None, True, -1, 1e999, float("nan"), "", "\ud800", [], {}, [[]], {"a": {}}, 10**400]
        )
    if isinstance(value, dict):
        return {key: mutilated(inner, dice) for key, inner in value.items() if dice.random() > 0.03}
    return [mutilated(inner, dice) for inner in value] if isinstance(value, list) else value


def test_no_frame_however_broken_raises() -> None:
    dice = random.Random(7)
    texts = [frame for frame, _ in FRAMES if len(frame) < 1000]
    binaries = [
        with_metadata(META),
        struct.pack(">II", 3, 2) + b"12text",
        struct.pack(">II", 1, 1) + b"\xff\xd8",
    ]
    for _ in range(3000):
        decode_text(mutated(dice.choice(texts).encode(), dice).decode("utf-8", "replace"))
        decode_binary(mutated(dice.choice(binaries), dice), text_metadata=dice.random() < 0.5)
        whole = json.loads(dice.choice(texts[:18]))
        decode_text(json.dumps(mutilated(whole, dice)))
        decode_binary(with_metadata(mutilated(META, dice)))
