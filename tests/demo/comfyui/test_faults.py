import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.demo.comfyui import Faults, Frame, HttpFault, StandIn, unreliable
from tests.demo.comfyui.conftest import Talk, kind_of, until
from tests.demo.comfyui.graphs import empty_image, txt2img


async def test_a_rule_strikes_so_many_times_and_then_no_more(talk: Talk) -> None:
    talk.standin.faults.http.append(
        HttpFault(("GET", "/system_*"), "status", times=2, status=503, text="busy")
    )
    assert [(await talk.get("/system_stats"))[0] for _ in range(3)] == [503, 503, 200]


@pytest.mark.parametrize("action", ["reset", "lose_answer"])
async def test_a_post_may_be_cut_before_or_after_it_was_done(talk: Talk, action: str) -> None:
    talk.standin.faults.http.append(HttpFault(("POST", "/prompt"), action))
    with pytest.raises(aiohttp.ClientError):
        await talk.submit(empty_image())
    assert len(talk.standin.submitted) == (1 if action == "lose_answer" else 0)


async def test_answers_may_break_off_be_garbage_or_hold_bare_nan(talk: Talk) -> None:
    rules = talk.standin.faults.http
    rules.append(HttpFault(("GET", "/object_info"), "half_body"))
    with pytest.raises(aiohttp.ClientPayloadError):
        await talk.get("/object_info")
    rules.append(HttpFault(("GET", "/system_stats"), "garbage"))
    with pytest.raises(json.JSONDecodeError):
        await talk.get("/system_stats")
    rules.append(HttpFault(("GET", "/features"), "nan"))
    async with talk.http.get(f"{talk.standin.url}/features") as response:
        assert "NaN" in await response.text()


async def test_a_hanging_route_does_not_stop_the_others(talk: Talk) -> None:
    talk.standin.faults.http.append(HttpFault(("GET", "/queue"), "hang"))
    with pytest.raises(TimeoutError):
        await talk.get("/queue", timeout=aiohttp.ClientTimeout(total=0.05))
    assert (await talk.get("/prompt"))[0] == 200


async def test_a_late_answer_belongs_to_a_request_that_was_done_at_once(talk: Talk) -> None:
    talk.standin.faults.http.append(HttpFault(("POST", "/prompt"), "late", seconds=30))
    with pytest.raises(TimeoutError):
        await talk.post("/prompt", {"prompt": empty_image()}, timeout=aiohttp.ClientTimeout(total=0.1))
    await until(lambda: len(talk.standin.history()) == 1)


async def test_frames_may_be_lost_garbled_and_swapped_repeatably(talk: Talk) -> None:
    seen: list[list[str | bytes]] = []
    for _ in range(2):
        lossy = unreliable(7, lose=0.2, duplicate=0.2, reorder=0.2, garble=0.2)
        seen.append([sent.payload for n in range(50) for sent in lossy(Frame("x", f"frame {n}", "me"))])
    assert seen[0] == seen[1] != [f"frame {n}" for n in range(50)]
    talk.standin.faults.frames = lambda frame: [] if frame.kind == "executed" else [frame, frame]
    async with talk.socket() as socket:
        prompt_id = await talk.submit(empty_image(), client_id="me")
        kinds = [kind_of(message) for message in await talk.until_end(socket, prompt_id)]
    assert "executed" not in kinds
    assert kinds.count("execution_start") == 2


async def test_deaf_sockets_stay_open_and_hear_nothing(talk: Talk) -> None:
    async with talk.socket() as socket:
        await socket.receive()
        talk.standin.faults.deaf = True
        await talk.run(empty_image(), client_id="me")
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.05)
        assert not socket.closed


async def test_half_open_sockets_are_accepted_and_then_silent_even_to_pings(talk: Talk) -> None:
    talk.standin.faults.half_open = True
    async with talk.http.ws_connect(f"{talk.standin.url}/ws", autoping=False) as socket:
        await socket.ping()
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.05)
        assert not socket.closed
        talk.standin.drop_sockets()
        assert (await socket.receive(timeout=5)).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}


async def test_a_prompt_may_lose_an_output_and_is_taken_all_the_same(talk: Talk) -> None:
    talk.standin.faults.left_out = 1
    status, answer = await talk.post("/prompt", {"prompt": txt2img()})
    assert status == 200
    assert [error["class_type"] for error in answer["node_errors"].values()] == ["UpscaleModelLoader"]
    assert (await talk.ended(answer["prompt_id"]))["outputs"]
    assert (await talk.post("/prompt", {"prompt": txt2img()}))[1]["node_errors"] == {}


async def test_a_dead_worker_keeps_its_job_running_until_a_restart(talk: Talk) -> None:
    talk.standin.faults.dead_worker = True
    prompt_id = await talk.submit(empty_image())
    await talk.post("/interrupt", {})
    await until(lambda: talk.standin.running == prompt_id)
    assert (await talk.get("/prompt"))[1]["exec_info"]["queue_remaining"] == 1
    talk.standin.faults.dead_worker = False
    await talk.standin.restart()
    assert (await talk.run(empty_image()))["status"]["completed"]


async def test_extra_data_null_kills_the_worker_as_recorded(old: Talk) -> None:
    prompt_id = await old.submit(empty_image(), extra_data=None)
    await until(lambda: old.standin.running == prompt_id)
    assert (await old.post("/prompt", {"prompt": empty_image(), "extra_data": None, "client_id": "x"}))[
        0
    ] == 500


async def test_jobs_may_run_out_of_memory_be_blocked_or_be_forgotten(talk: Talk) -> None:
    faults = talk.standin.faults
    faults.out_of_memory = faults.blocked = 1
    async with talk.socket() as socket:
        prompt_id = await talk.submit(txt2img(), client_id="me")
        frames = await talk.until_end(socket, prompt_id)
        assert any("ExecutionBlocked" in str(frame.data) for frame in frames)
    entry = await talk.ended(prompt_id)
    assert (entry["status"]["status_str"], entry["outputs"]) == ("success", {})
    faults.out_of_memory = 1
    entry = await talk.run(txt2img())
    assert entry["status"]["messages"][-1][1]["exception_type"] == "torch.OutOfMemoryError"
    faults.forget_history = True
    gone = await talk.submit(empty_image())
    await until(lambda: talk.standin.executed[-1] == gone and talk.standin.running is None)
    assert (await talk.get(f"/history/{gone}"))[1] == {}


async def test_a_restart_forgets_all_but_output_files(talk: Talk) -> None:
    talk.standin.step_seconds = 0.02
    kept = await talk.run(empty_image(output="SaveImage"))
    temp = await talk.run(empty_image())
    await talk.submit(txt2img(steps=10_000))
    url = talk.standin.url
    async with talk.socket() as socket:
        await talk.standin.restart()
        async with asyncio.timeout(5):
            while not socket.closed:
                await socket.receive()
        assert socket.close_code == 1006
    assert talk.standin.url == url
    assert (await talk.get("/queue"))[1] == {"queue_running": [], "queue_pending": []}
    assert (await talk.get("/history"))[1] == {}
    assert (await talk.get("/view", params=kept["outputs"]["2"]["images"][0]))[0] == 200
    assert (await talk.get("/view", params=temp["outputs"]["2"]["images"][0]))[0] == 404
    _, answer = await talk.post("/prompt", {"prompt": empty_image()})
    assert answer["number"] == 0


async def test_dropped_and_refused_sockets(talk: Talk) -> None:
    async with talk.socket() as socket:
        await socket.receive()
        talk.standin.drop_sockets()
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSED
        assert socket.close_code == 1006
    talk.standin.faults.refuse_sockets = 503
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await talk.socket()


async def test_behind_a_base_path_with_headers_and_basic_auth(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    faults = Faults(slow=0.01)
    async with StandIn(
        tmp_path,
        base_path="/comfy",
        required_headers={"X-Key": "1"},
        basic_auth=("user", "pw"),
        faults=faults,
    ) as standin:
        talk = Talk(standin, http)
        assert standin.url.endswith("/comfy")
        assert (await talk.get("/prompt"))[0] == 401
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await talk.socket()
        pair = base64.b64encode(b"user:pw").decode()
        given: dict[str, Any] = {"headers": {"X-Key": "1", "Authorization": f"Basic {pair}"}}
        assert (await talk.get("/api/prompt", **given))[0] == 200
        async with http.ws_connect(f"{standin.url}/ws", **given) as socket:
            assert len((await socket.receive_json())["data"]["sid"]) == 32
        assert standin.requests[0] == ("GET", "/prompt", None)


async def test_pages_from_elsewhere_are_refused_as_recorded(talk: Talk) -> None:
    port = talk.standin.url.rpartition(":")[2]
    for origin, status in (("http://evil.example", 403), (f"http://127.0.0.1:{port}", 200), ("null", 200)):
        assert (await talk.get("/prompt", headers={"Origin": origin}))[0] == status
