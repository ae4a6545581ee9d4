import io
import json
from typing import Any

import aiohttp
from PIL import Image

from tests.demo.comfyui.conftest import Talk, kind_of, recorded, until
from tests.demo.comfyui.graphs import empty_image, txt2img


def job_kinds(lines: list[dict[str, Any]], prompt_id: str) -> list[str]:
    """The recorded kinds from execution_start to the last `executing` of one job."""
    kinds: list[str] = []
    inside = False
    for line in lines:
        if line["kind"] == "ws_bin" and inside:
            kinds.append(f"binary {line['event']}")
        if line["kind"] != "ws_text":
            continue
        frame = json.loads(line["text"])
        mine = frame["data"].get("prompt_id") == prompt_id
        inside = inside or (mine and frame["type"] == "execution_start")
        if inside and frame["type"] != "status":  # others' tasks come and go meanwhile
            kinds.append(frame["type"])
        if mine and frame["type"] == "executing" and frame["data"]["node"] is None:
            return kinds
    raise AssertionError("the recorded job has no end")


def prompts(lines: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    posts = [
        line
        for line in lines
        if line["kind"] == "http" and line["method"] == "POST" and line["status"] == 200
    ]
    return [
        (line["req"], json.loads(line["resp"])["prompt_id"]) for line in posts if line["path"] == "/prompt"
    ]


def ours(graph: dict[str, Any]) -> dict[str, Any]:
    """A recorded graph with a checkpoint that exists here."""
    text = json.dumps(graph).replace("tiny_sd15_random.safetensors", "demo-painter.safetensors")
    return json.loads(text)


async def kinds_of(talk: Talk, socket: aiohttp.ClientWebSocketResponse, graph: dict[str, Any]) -> list[str]:
    prompt_id = await talk.submit(graph, client_id="me")
    kinds = [kind_of(message) for message in await talk.until_end(socket, prompt_id)]
    assert kinds[-3:] == ["execution_success", "status", "executing"]
    return [kind for kind in kinds[kinds.index("execution_start") :] if kind != "status"]


async def test_a_job_sends_the_recorded_frames_in_order(old: Talk) -> None:
    lines = recorded("01_txt2img.jsonl")
    sent, prompt_id = prompts(lines)[0]
    async with old.socket() as socket:
        assert await kinds_of(old, socket, ours(sent["prompt"])) == job_kinds(lines, prompt_id)


async def test_cached_and_half_cached_jobs_send_the_recorded_frames(old: Talk) -> None:
    lines = recorded("02_cached.jsonl")
    async with old.socket() as socket:
        for sent, prompt_id in prompts(lines)[:5]:
            assert await kinds_of(old, socket, ours(sent["prompt"])) == job_kinds(lines, prompt_id)


async def test_a_cached_run_names_the_old_files_and_executes_nothing(talk: Talk) -> None:
    async with talk.socket() as socket:
        first = await talk.submit(txt2img(), client_id="me")
        await talk.until_end(socket, first)
        second = await talk.submit(txt2img(), client_id="me")
        messages = await talk.until_end(socket, second)
    frames = [json.loads(message.data) for message in messages if message.type is aiohttp.WSMsgType.TEXT]
    (cached,) = [frame["data"]["nodes"] for frame in frames if frame["type"] == "execution_cached"]
    assert cached == ["4", "5", "6", "7", "3", "8", "9"]
    assert [frame["data"]["node"] for frame in frames if frame["type"] == "executing"] == [None]
    history = talk.standin.history()
    assert history[first]["outputs"] == history[second]["outputs"] != {}


async def test_old_servers_forget_all_but_the_last_graph_and_new_ones_do_not(old: Talk, talk: Talk) -> None:
    for server, again in ((old, False), (talk, True)):
        first = await server.run(txt2img())
        await server.run(empty_image())
        third = await server.run(txt2img())
        assert (first["outputs"] == third["outputs"]) is again


async def test_flags_in_the_first_message_bring_previews_that_name_their_job(talk: Talk) -> None:
    async with talk.socket() as socket:
        await socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        prompt_id = await talk.submit(txt2img(), client_id="me")
        messages = await talk.until_end(socket, prompt_id)
    previews = [message.data for message in messages if message.type is aiohttp.WSMsgType.BINARY]
    assert len(previews) == 3
    length = int.from_bytes(previews[0][4:8])
    about = json.loads(previews[0][8 : 8 + length])
    assert about == {
        "node_id": "3", "prompt_id": prompt_id, "display_node_id": "3", "parent_node_id": None,
        "real_node_id": "3", "image_type": "image/jpeg",
    }  # fmt: skip
    with Image.open(io.BytesIO(previews[0][8 + length :])) as picture:
        assert (picture.format, picture.size) == ("JPEG", (512, 512))
    kinds = [kind_of(message) for message in messages]
    assert kinds[kinds.index("binary 4") + 1] == "progress"
    assert "feature_flags" in kinds


async def test_the_first_frame_tells_the_sid_and_flags_sent_late_mean_nothing(talk: Talk) -> None:
    async with talk.socket("abc") as socket:
        hello = await socket.receive_json()
        assert hello["data"] == {"status": {"exec_info": {"queue_remaining": 0}}, "sid": "abc"}
        await socket.send_json({"type": "hello"})
        await socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        prompt_id = await talk.submit(txt2img(), client_id="abc")
        kinds = [kind_of(message) for message in await talk.until_end(socket, prompt_id)]
    assert "binary 1" in kinds
    assert "binary 4" not in kinds


async def test_anonymous_jobs_show_their_progress_to_all_and_their_end_to_nobody(talk: Talk) -> None:
    async with talk.socket() as socket:
        await talk.run(txt2img())
        frames = [await socket.receive(timeout=5) for _ in range(4)]
        while True:
            try:
                frames.append(await socket.receive(timeout=0.05))
            except TimeoutError:
                break
    kinds = {kind_of(frame) for frame in frames}
    assert kinds == {"status", "progress_state", "progress", "binary 1"}


async def test_the_older_socket_of_one_id_takes_the_registration_along_when_it_closes(talk: Talk) -> None:
    older = await talk.socket()
    await older.receive()
    async with talk.socket() as newer:
        await newer.receive()
        await older.close()
        await until(lambda: not talk.standin.connected)
        await talk.run(empty_image(), client_id="me")
        try:
            message = await newer.receive(timeout=0.05)
        except TimeoutError:
            message = None
    assert message is None


async def test_reconnecting_during_a_job_repeats_the_running_node_without_a_prompt_id(talk: Talk) -> None:
    talk.standin.step_seconds = 0.05
    async with talk.socket() as socket:
        prompt_id = await talk.submit(txt2img(steps=200), client_id="me")
        while kind_of(await socket.receive(timeout=5)) != "progress":
            pass
    async with talk.socket() as socket:
        assert (await socket.receive_json())["type"] == "status"
        assert await socket.receive_json() == {"type": "executing", "data": {"node": "3"}}
    await talk.post("/interrupt", {"prompt_id": prompt_id})


async def test_pictures_for_the_socket_come_as_recorded_and_leave_no_output(old: Talk) -> None:
    lines = recorded("13b_output_kinds_more.jsonl")
    jobs = [job for job in prompts(lines) if "SaveImageWebsocket" in json.dumps(job[0])]
    async with old.socket() as socket:
        for sent, prompt_id in jobs[:1]:
            assert await kinds_of(old, socket, sent["prompt"]) == job_kinds(lines, prompt_id)
    (entry,) = old.standin.history().values()
    assert entry["outputs"] == {}


async def test_a_progress_text_goes_out_as_the_recorded_binary_frame(talk: Talk) -> None:
    async with talk.socket() as socket:
        await socket.receive()
        talk.standin.send_text("1", "half", "me")
        assert await socket.receive_bytes() == b"\x00\x00\x00\x03\x00\x00\x00\x011half"
        talk.standin.send_to_all("custom", {"value": 1})
        assert await socket.receive_json() == {"type": "custom", "data": {"value": 1}}


async def test_flags_sent_as_null_make_every_job_with_previews_fail(talk: Talk) -> None:
    async with talk.socket() as socket:
        await socket.send_json({"type": "feature_flags", "data": None})
        while kind_of(await socket.receive(timeout=5)) != "feature_flags":
            pass
        entry = await talk.run(txt2img(), client_id="me")
        assert entry["status"]["messages"][-1][1]["exception_type"] == "AttributeError"
        assert (await talk.run(empty_image(), client_id="me"))["status"]["completed"]
