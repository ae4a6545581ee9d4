"""What a server remembers: pages of history, and jobs where it lists them."""

from typing import Any

import aiohttp
import aiohttp.web
import pytest

from bot.comfy import ComfyClient, Gone, NotSupported, ProtocolError, Rejected, ServerAddress
from bot.demo.comfyui import StandIn
from tests.comfy.asking import until
from tests.comfy.graphs import new_id, quick
from tests.comfy.liars import lying


async def test_pages_of_history_and_forgetting(client: ComfyClient) -> None:
    ids = [new_id() for _ in range(3)]
    for color, prompt_id in enumerate(ids):
        await client.submit(quick(color), prompt_id=prompt_id, client_id=None)
    await until(client.history, lambda entries: len(entries) == 3)
    assert [e.prompt_id for e in await client.history()] == ids
    assert [e.prompt_id for e in await client.history(max_items=2)] == ids[1:]
    assert [e.prompt_id for e in await client.history(max_items=1, offset=0)] == ids[:1]
    assert await client.history(max_items=0) == ()
    await client.delete_history(ids[0], "unknown")
    await client.delete_history()
    assert [e.prompt_id for e in await client.history()] == ids[1:]
    await client.clear_history()
    assert await client.history() == ()


@pytest.mark.parametrize("answer", ["", "[]", "5", "{"])
async def test_an_odd_history_is_a_protocol_error(session: aiohttp.ClientSession, answer: str) -> None:
    async with lying({"GET /history": answer, "GET /history/p": answer}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        with pytest.raises(ProtocolError):
            await client.history()
        with pytest.raises(ProtocolError):
            await client.history_entry("p")
        assert await client.history_entry("unknown") is None
        assert await client.history_entry("..") is None


async def test_jobs_are_listed_where_the_server_can(client: ComfyClient, server: StandIn) -> None:
    prompt_id = new_id()
    await client.submit(quick(), prompt_id=prompt_id, client_id="c")
    await until(lambda: client.history_entry(prompt_id), bool)
    if server.version == "old":
        with pytest.raises(NotSupported):
            await client.jobs()
        with pytest.raises(NotSupported):
            await client.job(prompt_id)
        return
    page = await client.jobs(status=["completed", "failed"], limit=5)
    assert [job.prompt_id for job in page.jobs] == [prompt_id]
    assert (page.total, page.has_more, page.jobs[0].outputs_count) == (1, False, 1)
    detail = await client.job(prompt_id)
    entry = await client.history_entry(prompt_id)
    assert detail is not None
    assert entry is not None
    assert detail.entry is not None
    assert (detail.entry.outputs, detail.entry.client_id) == (entry.outputs, "c")
    assert await client.job(new_id()) is None
    with pytest.raises(Rejected) as refused:
        await client.jobs(status=["strange"])
    assert (refused.value.status, bool(refused.value.text)) == (400, True)


async def test_an_odd_list_of_jobs_is_a_protocol_error_but_locating_goes_on(
    session: aiohttp.ClientSession,
) -> None:
    answers: dict[str, Any] = {"GET /api/prompt": {"exec_info": {}}, "GET /api/jobs": {"jobs": []}, "GET /api/jobs/p": {},
                               "GET /api/queue": {"queue_running": [], "queue_pending": []}}  # fmt: skip
    async with lying(answers) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        assert await client.locate("p") == Gone()
        with pytest.raises(ProtocolError):
            await client.job("p")
        liar.answers["GET /api/jobs"] = {"jobs": None}
        with pytest.raises(ProtocolError):
            await client.jobs()
