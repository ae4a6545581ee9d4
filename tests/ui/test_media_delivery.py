"""Files too large for a place, from the server's disk to the message: made smaller, and smaller again when refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.comfy import OutputKind
from bot.jobs.model.job import Job
from bot.ui.delivery_errors import DeliveryErrorKind
from bot.ui.files.media_converter import Workshop
from tests.jobs.rooms import roomy
from tests.media.encoding.samples import Looked, save_animation, save_sound, save_video
from tests.ui.delivery.test_result_delivery import FakeJobs, FakeRoutes, deliver, done_job, token
from tests.ui.jobs import file_output


def job_of(jobs: FakeJobs, name: str, kind: OutputKind) -> Job:
    job = done_job(jobs)
    run = job.runs[0]
    outputs = (file_output(name, kind=kind),)
    return replace(job, runs=(replace(run, outputs=outputs),))


@pytest.fixture
def jobs(tmp_path: Path) -> FakeJobs:
    return FakeJobs(tmp_path)


@pytest.mark.parametrize("place", ["token", "bot 400", "direct"])
async def test_a_film_too_large_for_the_place_arrives_smaller(
    jobs: FakeJobs, place: str, tmp_path: Path
) -> None:
    save_video(tmp_path / "a.mp4")
    faults = {
        "token": {},
        "bot 400": {"token": [DeliveryErrorKind.TOKEN]},
        "direct": {
            "token": [DeliveryErrorKind.TOKEN],
            "bot 400": [DeliveryErrorKind.ACCESS],
            "mention 7": [DeliveryErrorKind.ACCESS],
        },
    }[place]
    routes = FakeRoutes(dict(faults), largest=150_000)
    job = job_of(jobs, "a.mp4", OutputKind.VIDEO)
    await deliver(
        routes, jobs, job, token(), smaller=Workshop(tmp_path / "smaller", space=roomy(tmp_path)).smaller
    )
    (upload,) = routes.sent[-1][1].uploads
    assert isinstance(upload.source, Path)
    assert upload.size <= 150_000
    assert Looked(upload.source).codecs == ["h264", "aac"]


@pytest.mark.parametrize(
    ("name", "kind", "extension"),
    [
        ("a.mp4", OutputKind.VIDEO, "mp4"),
        ("a.gif", OutputKind.IMAGE, "webp"),
        ("a.wav", OutputKind.AUDIO, "ogg"),
    ],
)
async def test_a_refusal_for_size_leads_one_step_down(
    jobs: FakeJobs, name: str, kind: OutputKind, extension: str, tmp_path: Path
) -> None:
    match kind:
        case OutputKind.VIDEO:
            path = save_video(tmp_path / name)
        case OutputKind.AUDIO:
            path = save_sound(tmp_path / name, "pcm_s16le")
        case _:
            path = save_animation(tmp_path / name, "GIF")
    size = path.stat().st_size
    routes = FakeRoutes({"token": [DeliveryErrorKind.SIZE]}, largest=size)
    job = job_of(jobs, name, kind)
    await deliver(
        routes, jobs, job, token(), smaller=Workshop(tmp_path / "smaller", space=roomy(tmp_path)).smaller
    )
    (upload,) = routes.sent[-1][1].uploads
    assert upload.name.endswith(extension)
    assert upload.size <= size // 2
    assert upload.source != path


async def test_when_every_size_is_refused_there_is_still_the_link(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.SIZE] * 4})
    await deliver(
        routes, jobs, done_job(jobs), token(), link=lambda _job, _made: "https://pictures.example/x"
    )
    draft = routes.sent[-1][1]
    assert draft.uploads == ()
    assert "https://pictures.example/x" in str(draft.view.to_components())
