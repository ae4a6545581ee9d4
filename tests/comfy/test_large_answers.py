"""Answers that are far larger than a server's own are refused or cut, soon, and cost little."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.comfy import Finished, LinkLost, LinkRestored, ProtocolError, raw
from bot.comfy import transport as transport_module
from bot.comfy.frames import decode_binary, decode_text
from bot.comfy.history import parse_entry
from bot.comfy.outputs import MOST_ITEMS, parse_outputs
from bot.comfy.problems import MOST_PROBLEMS, parse_problems
from bot.comfy.queue import parse_queue
from tests.comfy.asking import until_true
from tests.comfy.liars import lying
from tests.comfy.listening import collected, frame, listening, speaking
from tests.comfy.rows import failing, known
from tests.linear import seconds

PARTS = raw.MOST_PARTS


@pytest.mark.parametrize("unit", ["[],", "{},", '"a":0,', "0,", "1.5,", '"",'])
def test_documents_of_very_many_values_are_refused_before_they_are_read(unit: str) -> None:
    document = "[" + unit * PARTS + "0]"
    for text in (document, document.encode()):
        with pytest.raises(ValueError, match="more values"):
            raw.decode(text)
    assert seconds(lambda: failing_decode(document), tries=2) < 0.2


def failing_decode(document: str) -> None:
    with pytest.raises(ValueError, match="more values"):
        raw.decode(document)


def test_what_the_largest_servers_say_of_themselves_is_far_from_the_cap() -> None:
    node = {"input": {"required": {name: ["INT", {"default": 0, "min": 0, "max": 9}] for name in "abcdefgh"}}}
    models = [f"some folder/lora number {number}.safetensors" for number in range(3_000)]
    info = {f"Node{number}": node for number in range(20_000)}
    info |= {f"Loader{number}": {"input": {"required": {"lora": [models, {}]}}} for number in range(40)}
    document = json.dumps(info).encode()
    assert raw.decode_members(document) == info
    assert len(document) < transport_module.LARGEST_ANSWER


MEMBERS = ['{"a": 1, "b" : [ {"c": "}\\""} ], "\\u4e2d": null }', "{}", " { } ", '{"a":NaN}', '{"a":1,"a":2}']
BROKEN = [
    "", "[]", "1", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}x', "{1:2}", '{"a" 1}', '{"a":1 "b":2}', "{}x", '{"a":1}{}',
    '{"a":' + "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("document", MEMBERS)
def test_an_object_is_read_member_by_member_as_it_is_read_at_once(document: str) -> None:
    assert repr(raw.decode_members(document.encode())) == repr(json.loads(document))


@pytest.mark.parametrize("document", BROKEN)
def test_what_is_no_object_is_an_error(document: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        raw.decode_members(document.encode())


async def test_node_classes_of_nothing_but_lists_are_an_error_told_soon(
    session: aiohttp.ClientSession,
) -> None:
    async with lying() as liar:
        client = await known(liar.url, session)
        for unit in ("[],", '"a":[],'):
            brackets = "{}" if ":" in unit else "[]"
            liar.answers["GET /object_info"] = (
                brackets[0] + unit * 1_000_000 + unit.replace(",", "") + brackets[1]
            )
            assert isinstance(await failing(client, "object_info"), ProtocolError)


async def test_a_message_beyond_the_cap_costs_the_connection_and_no_more(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "LARGEST_MESSAGE", 200_000)
    spoken: list[int] = []

    async def speech(socket: web.WebSocketResponse) -> None:
        spoken.append(1)
        await socket.send_str(frame("status", status={"exec_info": {"queue_remaining": 0}}))
        if len(spoken) == 1:
            await socket.send_bytes(bytes(200_001))
        else:
            await socket.send_str(frame("executing", prompt_id="p", node=None))
        await socket.receive()

    async with speaking(session, speech) as (client, _, _), listening(client) as listener:
        with listener.watch("p") as box:
            events = await collected(box)
        await until_true(lambda: listener.connected)
    assert [type(event) for event in events] == [LinkRestored, LinkLost, LinkRestored, Finished]


MANY = 400_000


def files(number: int) -> list[dict[str, str]]:
    return [{"filename": f"{each}.png", "type": "output"} for each in range(number)]


HOSTILE_OUTPUTS: Mapping[str, Callable[[], Any]] = {
    "files": lambda: {"1": {"images": files(MANY)}},
    "the same file": lambda: {"1": {"images": files(1) * MANY}},
    "no files": lambda: {"1": {"images": [0] * MANY}},
    "keys": lambda: {"1": {str(number): [] for number in range(MANY)}},
    "nodes": lambda: {str(number): {} for number in range(MANY)},
    "flags": lambda: {"1": {"animated": [False] * MANY}},
    "texts": lambda: {"1": {"text": ["x" * 1000] * MANY}},
    "different texts": lambda: {"1": {"text": [f"{number}" * 100 for number in range(MANY)]}},
    "a long text": lambda: {"1": {"text": "x" * 30_000_000}},
    "a path": lambda: {"1": {"result": ["a/" * 15_000_000]}},
}
"""Made when they are needed: every process that runs tests reads this."""


@pytest.mark.parametrize("what", HOSTILE_OUTPUTS)
def test_outputs_are_read_up_to_a_number(what: str) -> None:
    outputs = HOSTILE_OUTPUTS[what]()
    assert seconds(lambda: parse_outputs(outputs)) < 0.1
    found = parse_outputs(outputs)
    assert len(found) <= MOST_ITEMS
    assert sum(len(each.text or "") for each in found) <= 1_000_000


def test_many_files_of_one_run_are_all_read() -> None:
    assert len(parse_outputs({"1": {"images": files(2000)}})) == 2000


def complaints(number: int) -> dict[str, Any]:
    choices = [[str(each) for each in range(20_000)], {}]
    error = {"type": "value_not_in_list", "message": "m" * 1000, "extra_info": {"input_config": choices}}
    return {"node_errors": {str(each): {"errors": [error]} for each in range(number)}}


def progress() -> str:
    return frame("progress_state", prompt_id="p", nodes={str(number): {} for number in range(20_000)})


def metadata() -> bytes:
    return b"\0\0\0\4" + (30_000_000).to_bytes(4, "big") + b"[" * 30_000_000 + b"x"


HOSTILE: Mapping[str, tuple[Callable[[Any], object], Callable[[], Any]]] = {
    "messages": (
        partial(parse_entry, "p"),
        lambda: {"status": {"messages": [["execution_start", {}]] * MANY}},
    ),
    "queue": (parse_queue, lambda: {"queue_running": [], "queue_pending": [[1, "p", {}, {}]] * MANY}),
    "progress": (decode_text, progress),
    "complaints": (partial(parse_problems, graph={}), lambda: complaints(1_000)),
    "an error": (raw.sentence, lambda: "\n" * 20_000_000),
    "an error of paths": (raw.sentence, lambda: "/a" * 10_000_000),
    "metadata": (decode_binary, metadata),
}
"""What reads, and what it gets."""


@pytest.mark.parametrize("what", HOSTILE)
def test_whatever_is_walked_is_walked_up_to_a_number(what: str) -> None:
    read, made = HOSTILE[what]
    given = made()
    assert seconds(lambda: read(given)) < 0.15


def test_only_so_many_complaints_are_told() -> None:
    assert len(parse_problems(complaints(1_000), {})) == MOST_PROBLEMS
