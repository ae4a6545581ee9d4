"""Addresses under which people can open what is too large for Discord."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bot.comfy import ComfyClient, FileRef, Fleet, Listener, Output, OutputKind, Server, ServerAddress
from bot.jobs.model.job import Job, JobOutput
from bot.ui.cards.links import output_links
from tests.ui.jobs import make_job, with_runs

PLACE = "https://pictures.example"
HIDDEN = f"discord/{'0f' * 16}"


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
        (FileRef("a.mp4", HIDDEN), PLACE, f"{PLACE}/view?filename=a.mp4&subfolder={HIDDEN}&type=output"),
        (
            FileRef("a.mp4", f"{HIDDEN}/films"),
            PLACE,
            f"{PLACE}/view?filename=a.mp4&subfolder={HIDDEN}/films&type=output",
        ),
        (
            FileRef("猫.mp4", HIDDEN.replace("/", "\\")),
            PLACE,
            f"{PLACE}/view?filename=%E7%8C%AB.mp4&subfolder=discord%5C{'0f' * 16}&type=output",
        ),
        (FileRef("a.mp4", HIDDEN), None, None),
        (FileRef("a.mp4", HIDDEN, "ours"), PLACE, None),
        (FileRef("a.png", HIDDEN, "temp"), PLACE, None),
        (FileRef("a.png", HIDDEN, "input"), PLACE, None),
        (FileRef("a.mp4", "films"), PLACE, None),
        (FileRef("ComfyUI_00001_.png"), PLACE, None),
        (FileRef("a.mp4", "discord/films"), PLACE, None),
        (FileRef("a.mp4", f"{HIDDEN}/../../films"), PLACE, None),
        (FileRef("a.png [input]", HIDDEN), PLACE, None),
        (FileRef("blake3:ab", HIDDEN), PLACE, None),
        (FileRef("../a.png", HIDDEN), PLACE, None),
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
    assert output_links(fleet, PLACE)(*made_by(maker, FileRef("a.mp4", HIDDEN))) is None


async def test_no_link_leads_to_a_private_job(fleet: Fleet) -> None:
    job, output = made_by(fleet.servers[0].label, FileRef("a.mp4", HIDDEN))
    private = replace(job, request=replace(job.request, private=True))
    assert output_links(fleet, PLACE)(job, output) is not None
    assert output_links(fleet, PLACE)(private, output) is None
