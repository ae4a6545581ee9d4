"""A request from acceptance to its picture, as a person sees it."""

import asyncio
import hashlib
import json
import re
import shutil
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from bot.comfy import OutputKind
from bot.errors import UserError
from bot.jobs.model.failure import Reason
from bot.jobs.model.job import JobState
from bot.jobs.queue.plan import Plan
from bot.settings import LimitSettings
from bot.workflows.graph.graph import Graph
from bot.workflows.library.library import Library
from bot.workflows.model.values import Value
from tests.jobs.conftest import WORKFLOWS, World
from tests.jobs.samples import a_request


async def test_a_request_becomes_a_picture(world: World):
    job = await world.submit(values={"prompt": "a cat", "seed": 0, "steps": 4, "width": 128, "height": 64})
    assert (job.state, job.number > 0, job.seed) == (JobState.QUEUED, True, 0)
    assert world.accepted == [job]
    ended = await world.ended(job)
    assert ended.state is JobState.SUCCEEDED
    assert ended.failure is None
    (made,) = ended.outputs
    assert made.output.kind is OutputKind.IMAGE
    path = await world.jobs.fetch(made, job_id=job.id)
    with Image.open(path) as picture:
        assert picture.size == (128, 64)
    assert await world.store.get(job.id) == await world.jobs.get(job.id)
    assert (await world.jobs.get(job.id)).outputs[0].kept is not None


async def test_progress_runs_from_waiting_to_full_and_never_back(world: World):
    world.comfyui.step_seconds = 0.05
    job = await world.submit(values={"prompt": "a cat", "steps": 12, "width": 64, "height": 64})
    seen = []
    async with asyncio.timeout(30), world.jobs.watch(job.id) as cell:
        while (snapshot := await cell.next()) is not None:
            seen.append(snapshot)
    fractions = [snapshot.fraction for snapshot in seen if snapshot.fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len({fraction for fraction in fractions if 0 < fraction < 1}) >= 4
    assert any(snapshot.steps == 12 and snapshot.node_title for snapshot in seen)
    assert any(snapshot.preview for snapshot in seen)
    assert any(snapshot.remaining for snapshot in seen)
    assert any(snapshot.position == 1 for snapshot in seen)
    assert seen[-1].outputs == seen[-1].job.outputs != ()


async def test_the_same_seed_gives_the_same_bytes(world: World):
    digests = set()
    for _ in range(2):
        job = await world.ended(
            await world.submit(values={"prompt": "x", "seed": 0, "steps": 2, "width": 64, "height": 64})
        )
        path = await world.jobs.fetch(job.outputs[0], job_id=job.id)
        with Image.open(path) as picture:
            digests.add(hashlib.sha256(picture.tobytes()).hexdigest())
    assert len(digests) == 1


async def test_a_seed_is_drawn_where_none_is_given(world: World):
    job = await world.submit()
    assert job.seed is not None
    assert 0 <= job.seed < 2**53
    assert "seed" not in job.request.values, "nobody asked for this one"


async def test_count_is_one_batch_where_the_workflow_can(world: World):
    job = await world.ended(await world.submit(count=3))
    assert len(job.runs) == 1
    assert len(job.outputs) == 3


async def test_count_is_several_runs_with_following_seeds_where_it_cannot(world: World):
    values = {"prompt": "b", "seed": 2**53 - 1, "steps": 2, "width": 64, "height": 64}
    job = await world.ended(await world.submit(workflow="single", count=2, values=values))
    assert job.state is JobState.SUCCEEDED
    assert job.planned == 2
    assert [run.seed for run in job.runs] == [2**53 - 1, 0]
    assert [made.run for made in job.outputs] == [0, 1]
    assert len({run.prompt_id for run in job.runs}) == 2


async def test_what_a_text_came_to_is_kept_for_every_run_whatever_becomes_of_the_wildcards(world: World):
    pets = world.workflows / "wildcards" / "pets.txt"
    pets.parent.mkdir()
    pets.write_text("\n".join(f"pet{number}" for number in range(50)), "utf-8")
    values: dict[str, Value] = {
        "prompt": "a {red|blue|green} __pets__", "seed": 5, "steps": 2, "width": 64, "height": 64,
    }  # fmt: skip
    job = await world.submit(workflow="single", count=3, values=values)
    pets.unlink()  # accepted is accepted
    job = await world.ended(job)
    assert job.state is JobState.SUCCEEDED, job.failure
    posted = [await _text(world, run.prompt_id) for run in job.runs]
    assert len(set(posted)) == 3
    assert all(re.fullmatch(r"a (red|blue|green) pet\d+", each) for each in posted)
    assert job.values["prompt"] == posted[0]
    assert [each["prompt"] for each in job.request.spoken] == posted
    assert job.request.values["prompt"] == values["prompt"]
    assert await world.store.get(job.id) == job
    with pytest.raises(UserError, match="no wildcard called pets, and no other either"):
        await world.submit(workflow="single", values=values)
    pets.write_text("\n".join(f"pet{number}" for number in range(50)), "utf-8")
    same = await world.submit(workflow="single", values=values)
    other = await world.submit(workflow="single", values=values | {"seed": 99})
    assert same.values["prompt"] == posted[0]
    assert other.values["prompt"] != posted[0]


def test_what_texts_come_to_is_looked_at_too(tmp_path: Path):
    shutil.copytree(WORKFLOWS, tmp_path / "workflows")
    library = Library(tmp_path / "workflows", "txt2img")
    asyncio.run(library.load())
    said: list[tuple[list[str], list[str]]] = []
    plan = Plan(
        library, LimitSettings(), Random(1), lambda *texts: said.append((list(texts[0]), list(texts[1])))
    )
    values = {"prompt": "a b{a}d word", "negative_prompt": "w{o}rse", "seed": 1}
    plan.accept(a_request(values=values), None)
    plan.accept(a_request(values={"prompt": "a fox", "seed": 1}), None)
    assert said == [(["a bad word"], ["worse"]), ([], [])]


async def _text(world: World, prompt_id: str) -> str:
    """Return the words in the graph that a server was sent."""
    async with world.session.get(f"{world.comfyui.url}/history/{prompt_id}") as answer:
        graph: Graph = (await answer.json())[prompt_id]["prompt"][2]
    texts = [str(node["inputs"].get("text", "")) for node in graph.values()]
    return next(each for each in texts if each.startswith("a "))


async def test_a_workflow_counts_as_its_manifest_says(world: World):
    for name, cost in (("dear", 2.5), ("cheap", 0)):
        shutil.copy(world.workflows / "single.json", world.workflows / f"{name}.json")
        manifest = world.workflows / f"{name}.toml"
        manifest.write_text(f"cost = {cost}\n[parameters.model]\ndefault = 'auto'\n", "utf-8")
    world.limits |= {"daily": 9}
    await world.restart()
    values = {"prompt": "x", "steps": 1, "width": 64, "height": 64}
    dear = await world.submit(workflow="dear", count=3, values=values)
    assert dear.cost == 8
    assert (await world.store.get(dear.id)) == await world.jobs.get(dear.id)
    cheap = await world.submit(workflow="cheap", values=values)
    assert cheap.cost == 0
    with pytest.raises(UserError, match=r"Pictures left today: 1 of 9\. This job counts as 3"):
        await world.submit(workflow="dear", values=values)
    assert (await world.submit(workflow="single", values=values)).cost == 1


SMALL = {"prompt": "x", "steps": 1, "width": 64, "height": 64}


async def test_pictures_are_counted_whatever_way_they_are_asked_for(world: World):
    by_batch = await world.submit(values={**SMALL, "batch": 4})
    by_count = await world.submit(values=SMALL, count=4)
    by_both = await world.submit(values={**SMALL, "batch": 2}, count=2)
    assert [job.cost for job in (by_batch, by_count, by_both)] == [4, 4, 4]
    for job in (by_batch, by_count, by_both):
        assert len((await world.ended(job)).outputs) == 4
    with pytest.raises(UserError, match="This would make 16 pictures, and one job can have 4 at most"):
        await world.submit(values={**SMALL, "batch": 4}, count=4)
    with pytest.raises(UserError, match="This would make 6 pictures"):
        await world.submit(values={**SMALL, "batch": 3}, count=2)


async def test_how_many_is_how_many_where_the_file_makes_several_at_once(world: World):
    graph = json.loads((world.workflows / "txt2img.json").read_text("utf-8"))
    (latent,) = (each for each in graph.values() if "batch_size" in each["inputs"])
    latent["inputs"]["batch_size"] = 2
    (world.workflows / "pairs.json").write_text(json.dumps(graph), "utf-8")
    (world.workflows / "pairs.toml").write_text(
        "[parameters.batch]\nmaximum = 2\n[parameters.model]\ndefault = 'auto'\n", "utf-8"
    )
    (world.workflows / "eight.json").write_text(json.dumps(graph), "utf-8")
    (world.workflows / "eight.toml").write_text(
        "[parameters.batch]\nfixed = 8\n[parameters.model]\ndefault = 'auto'\n", "utf-8"
    )
    await world.restart()
    pair = await world.submit(workflow="pairs", values=SMALL)
    four = await world.submit(workflow="pairs", values=SMALL, count=4)
    assert (pair.cost, four.cost) == (2, 4)
    assert len((await world.ended(four)).outputs) == 4
    always_eight = await world.submit(workflow="eight", values=SMALL)
    assert always_eight.cost == 8, "the author of the workflow says so"
    with pytest.raises(UserError, match="This would make 16 pictures"):
        await world.submit(workflow="eight", values=SMALL, count=2)


async def test_a_film_counts_by_its_frames_and_comes_alone(world: World):
    shutil.copy(world.workflows / "wan-video.json", world.workflows / "dear.json")
    shipped = (world.workflows / "wan-video.toml").read_text("utf-8")
    (world.workflows / "dear.toml").write_text(f"cost = 10\n{shipped}", "utf-8")
    await world.restart()
    values = {"prompt": "x", "steps": 1, "width": 64, "height": 64}
    costs = {
        length: (await world.submit(workflow="wan-video", values={**values, "length": length})).cost
        for length in (5, 25, 81)
    }
    assert costs == {5: 1, 25: 2, 81: 4}
    several = await world.submit(workflow="wan-video", values={**values, "length": 25}, count=3)
    assert (several.cost, several.planned) == (6, 3)
    dear = await world.submit(workflow="dear", values={**values, "length": 81}, count=2)
    assert (dear.cost, dear.planned) == (20, 2), "one batch would be one long film"


async def test_an_attached_image_is_uploaded_and_used(world: World):
    ref = await world.content.put(_png(), "png")
    job = await world.submit(workflow="upscale", inputs={"image": ref}, values={})
    job = await world.ended(job)
    assert job.state is JobState.SUCCEEDED, job.failure
    uploads = [request for request in world.comfyui.requests if request[1].endswith("/upload/image")]
    assert len(uploads) == 1


async def test_an_attachment_that_is_gone_is_told_at_once_and_costs_nothing(world: World):
    ref = await world.content.put(_png(), "png")
    world.content.path(ref).unlink()
    with pytest.raises(UserError, match="Please attach it again"):
        await world.submit(workflow="upscale", inputs={"image": ref}, values={})
    assert await world.jobs.spent_today(1) == 0


async def test_an_attachment_that_goes_while_its_job_waits_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.comfyui.faults.slow = 0.1
    ref = await world.content.put(_png(), "png")
    world.content.path(ref).unlink()
    monkeypatch.setattr(world.content, "use", lambda _ref: True)
    job = await world.ended(await world.submit(workflow="upscale", inputs={"image": ref}, values={}))
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.reason is Reason.INPUT
    assert "attach it again" in job.failure.message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workflow": "nothing-like-it"}, "nothing-like-it"),
        ({"count": 5}, "4"),
        ({"count": 0}, "1"),
        ({"values": {"prompt": "x", "steps": 9999}}, "steps"),
        ({"values": {"prompt": "x", "wrong": 1}}, "wrong"),
    ],
)
async def test_mistakes_are_told_at_once(world: World, changes, words):
    with pytest.raises(UserError, match=words):
        await world.submit(**changes)
    assert world.jobs.active() == ()


def _png() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "PNG")
    return buffer.getvalue()
