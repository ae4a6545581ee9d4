"""What cannot be made fit for people is not given out, and can be had later."""

from pathlib import Path

import pytest

from bot.jobs.files.outputs import NotNow, Outputs
from bot.jobs.model.job import Job
from bot.jobs.model.ports import StoreUnavailable
from tests.jobs.conftest import World
from tests.jobs.test_faults import PLAIN


@pytest.mark.parametrize("trouble", [OSError("no space left"), StoreUnavailable("locked")])
async def test_rather_late_than_with_what_must_not_go_out(world: World, trouble: Exception) -> None:
    ended = await world.ended(await world.submit(values=PLAIN))
    (made,) = ended.outputs
    troubles = [trouble]

    async def publish(job: Job, path: Path) -> Path:
        assert job.id == ended.id
        if troubles:
            raise troubles.pop()
        return path.with_suffix(".published")

    outputs = Outputs(world.jobs._repository, world.jobs._fleet, world.content, publish=publish)
    with pytest.raises(NotNow):
        await outputs.fetch(ended, made)
    assert (await outputs.fetch(ended, made)).suffix == ".published"
