"""Files that go out are known again, smaller versions too, and go with their job."""

from pathlib import Path

from bot.jobs.model.job import JobState
from bot.jobs.recognition import Recognition
from bot.store import SqlResultStore
from tests.jobs.conftest import World


async def test_a_smaller_version_is_a_result_too_until_the_job_is_removed(
    world: World, tmp_path: Path
) -> None:
    job = await world.ended(await world.submit())
    recognition = Recognition(SqlResultStore(world.database))
    large, small, other = tmp_path / "large.png", tmp_path / "small.webp", tmp_path / "other.png"
    large.write_bytes(b"large")
    other.write_bytes(b"other")

    async def smaller(_path: Path, _limit: int) -> Path:
        small.write_bytes(b"small")
        return small

    noting = recognition.noting(smaller)
    assert await noting(other, 1) == small
    assert await recognition.jobs_of(10, small, None) == (), "it was made of what is no result"
    for _ in range(2):
        await recognition.note(job.id, large)
        assert await noting(large, 1) == small
    for path in (large, small):
        assert [each.id for each in await recognition.jobs_of(10, path, None)] == [job.id]
        assert await recognition.jobs_of(11, path, None) == ()
    assert await recognition.jobs_of(10, other, None) == ()
    await world.jobs.forget(job.id)
    assert await recognition.jobs_of(10, large, None) == ()


async def test_the_words_inside_count_with_the_seed_alone(world: World, tmp_path: Path) -> None:
    job = await world.ended(await world.submit(values={"prompt": "A  cat", "seed": 5}))
    assert job.state is JobState.SUCCEEDED
    recognition = Recognition(SqlResultStore(world.database))
    file = tmp_path / "x.png"
    file.write_bytes(b"x")
    found = await recognition.jobs_of(10, file, {"prompt": "a cat", "seed": 5})
    assert [each.id for each in found] == [job.id]
    for imprint in ({"prompt": "a dog", "seed": 5}, {"prompt": "a cat", "seed": 6}, {"prompt": "a cat"}):
        assert await recognition.jobs_of(10, file, imprint) == ()
