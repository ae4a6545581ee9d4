"""What is growing is shown on the card: small, without flickering, and not at all where that is not wanted."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from simcord.components import walk_components

from bot.i18n import LANGUAGES
from bot.jobs.model.job import JobOutput, JobState
from bot.runtime import SystemClock
from bot.ui.delivery.progress_view import PREVIEW, ProgressFace
from bot.ui.files.preview_encoder import PREVIEW_BYTES
from bot.ui.messages.message_api import Draft
from tests.ui.files.test_preview_encoder import encoded, noise
from tests.ui.jobs import make_snapshot

LIMIT = 10_000_000
LARGE = encoded(noise((900, 900)), "PNG")
SMALL = encoded(noise((64, 64)), "JPEG")


async def nothing(_output: JobOutput) -> Path:
    raise AssertionError("there is nothing to fetch")


def face(**options: Any) -> ProgressFace:
    return ProgressFace(LANGUAGES["en"], nothing, lambda _job, _made: None, SystemClock(), **options)


def stand(one: ProgressFace, draft: Draft) -> None:
    """Let the edit have happened."""
    names = [*(each.filename for each in draft.keep), *(each.name for each in draft.uploads)]
    one.stands(cast("Any", [SimpleNamespace(filename=name) for name in names]))


def pictures(draft: Draft) -> list[str]:
    return [
        item["media"]["url"]
        for part in walk_components(draft.view.to_components())
        if part["type"] == 12
        for item in part["items"]
    ]


async def test_the_last_preview_stays_until_the_next_one_is_up() -> None:
    one = face()
    snapshot = make_snapshot(JobState.RUNNING, preview=LARGE, step=1, steps=9)
    first = await one.draft(snapshot, limit=LIMIT)
    assert first is not None
    (upload,) = first.uploads
    assert upload.name == PREVIEW
    assert upload.size <= PREVIEW_BYTES
    assert pictures(first) == [f"attachment://{PREVIEW}"]
    stand(one, first)
    assert await one.draft(snapshot, limit=LIMIT) is None, "nothing has changed, so nothing is sent"

    stepped = await one.draft(replace(snapshot, step=2), limit=LIMIT)
    assert stepped is not None
    assert stepped.uploads == ()
    assert [each.filename for each in stepped.keep] == [PREVIEW]
    assert pictures(stepped) == pictures(first)
    stand(one, stepped)

    broken = await one.draft(replace(snapshot, step=3, preview=b"no picture"), limit=LIMIT)
    assert broken is not None
    assert pictures(broken) == pictures(first), "one that cannot be shown takes nothing away"
    stand(one, broken)

    fresh = await one.draft(replace(snapshot, step=4, preview=SMALL), limit=LIMIT)
    assert fresh is not None
    assert [each.source for each in fresh.uploads] == [SMALL]
    assert fresh.keep == ()
    assert pictures(fresh) == pictures(first)
    stand(one, fresh)

    over = await one.draft(replace(snapshot, step=5, preview=None), limit=LIMIT)
    assert over is not None
    assert (over.keep, over.uploads, pictures(over)) == ((), (), [])


async def test_previews_can_be_switched_off_whatever_a_server_sends() -> None:
    one = face(previews=False)
    draft = await one.draft(make_snapshot(JobState.RUNNING, preview=SMALL), limit=LIMIT)
    assert draft is not None
    assert (draft.uploads, pictures(draft)) == ((), [])
    stand(one, draft)
    assert await one.draft(make_snapshot(JobState.RUNNING, preview=LARGE), limit=LIMIT) is None
