"""Addresses under which people can open what is too large for Discord."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bot.comfy import ComfyClient, FileRef, Fleet, Listener, Output, OutputKind, Server, ServerAddress
from bot.jobs.job import Job, JobOutput
from bot.ui.links import output_links
from tests.ui.jobs import make_job, with_runs

PLACE = "https://pictures.example"


@pytest.fixture
async def fleet() -> AsyncIterator[Fleet]:
    async with aiohttp.ClientSession() as session:
        clients = [
            ComfyClient(ServerAddress.parse(f"http://127.0.0.1:{port}", None), session)
            for port in (8188, 8189)
        ]
        yield Fleet(*(Server(client, Listener(client)) for client in clients))


def made_by(server: str, file: FileRef) -> tuple[Job, JobOutput]:
    job = with_runs(make_job(), 0)
    output = JobOutput(0, 0, Output("9", OutputKind.VIDEO, file))
    return replace(job, runs=(replace(job.runs[0], server=server, outputs=(output,)),)), output


@pytest.mark.parametrize(
    ("ref", "public_url", "address"),
    [
        (FileRef("a.mp4", "films"), PLACE, f"{PLACE}/view?filename=a.mp4&subfolder=films&type=output"),
        (FileRef("a.png", "", "temp"), PLACE, f"{PLACE}/view?filename=a.png&subfolder=&type=temp"),
        (FileRef("a.mp4"), None, None),
        (FileRef("a.png", "", "ours"), PLACE, None),
    ],
    ids=str,
)
async def test_a_link_leads_to_what_the_server_has(
    fleet: Fleet, ref: FileRef, public_url: str | None, address: str | None
) -> None:
    assert output_links(fleet, public_url)(*made_by(fleet.servers[0].label, ref)) == address


@pytest.mark.parametrize("which", ["another of ours", "one that is no longer ours"])
async def test_no_link_leads_to_a_file_of_the_same_name_on_another_server(fleet: Fleet, which: str) -> None:
    maker = fleet.servers[1].label if which == "another of ours" else "http://127.0.0.1:9999"
    assert output_links(fleet, PLACE)(*made_by(maker, FileRef("a.mp4"))) is None
