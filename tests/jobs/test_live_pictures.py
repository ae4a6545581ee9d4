"""Pictures that a server sends over the live connection, and keeps nowhere."""

import json

import pytest

from bot.errors import UserError
from bot.jobs.model.failure import Reason
from bot.jobs.model.job import JobState
from tests.jobs.conftest import World
from tests.jobs.test_faults import PLAIN, failure


def over_the_socket(world: World) -> None:
    """Put a workflow beside the others whose pictures are kept nowhere by the server."""
    graph = json.loads((world.workflows / "txt2img.json").read_text("utf-8"))
    saver = next(node for node in graph.values() if node["class_type"] == "SaveImage")
    saver["class_type"] = "SaveImageWebsocket"
    saver["inputs"] = {"images": saver["inputs"]["images"]}
    (world.workflows / "live.json").write_text(json.dumps(graph), "utf-8")
    (world.workflows / "live.toml").write_text('[parameters.model]\ndefault = "auto"\n', "utf-8")


async def test_pictures_that_come_over_the_socket_only_are_kept(world: World):
    over_the_socket(world)
    await world.restart()
    ended = await world.ended(await world.submit(workflow="live", values={**PLAIN, "batch": 3}))
    assert (ended.state, len(ended.outputs)) == (JobState.SUCCEEDED, 3)
    await world.restart()
    for output in ended.outputs:
        path = await world.jobs.fetch(output, job_id=ended.id)
        assert path.read_bytes().startswith(b"\x89PNG")
        assert output.output.file is not None
        assert not output.output.file.on_server, "no link to it leads anywhere"
        path.unlink()
        with pytest.raises(UserError, match="no longer"):
            await world.jobs.fetch(output, job_id=ended.id)
    assert "/view" not in [path for _method, path, _body in world.comfyui.requests]


async def test_pictures_that_came_over_the_socket_only_and_were_missed_are_told(world: World):
    over_the_socket(world)
    world.listening = False
    await world.restart()
    message = failure(
        await world.ended(await world.submit(workflow="live", values=PLAIN)),
        JobState.FAILED,
        Reason.NO_OUTPUT,
    )
    assert "Save Image" in message
