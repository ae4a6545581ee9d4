"""The queue as drawn: ours told from others', and always shown."""

from dataclasses import replace

import pytest

from bot.comfy import QueueItem, QueueSnapshot
from bot.i18n import LANGUAGES
from bot.jobs.model.job import JobState
from bot.jobs.model.visibility import Viewer
from bot.jobs.progress.progress import Snapshot
from cogs.queue.view import Whose, board_of, queue_view
from tests.cogs.drawn import ENGLISH, GUILD, LONG, fits, queued, text
from tests.ui.jobs import with_runs

VIEWER = Viewer(user_id=1, guild_id=GUILD, channels=frozenset({9}))


def item(prompt_id: str) -> QueueItem:
    return QueueItem(1, prompt_id, None, {}, {})


def test_the_queue_tells_ours_from_others() -> None:
    ours = with_runs(queued(1, state=JobState.RUNNING), 1)
    private = queued(2)
    private = replace(private, request=replace(private.request, private=True))
    elsewhere = queued(3)
    requester = replace(elsewhere.request.requester, guild_id=99)
    elsewhere = replace(elsewhere, request=replace(elsewhere.request, requester=requester))
    hidden = queued(5)
    requester = replace(hidden.request.requester, channel_id=77)
    hidden = replace(hidden, request=replace(hidden.request, requester=requester))
    ended = with_runs(queued(4, state=JobState.CANCELLED), 1)
    queue = QueueSnapshot((item("p0"),), (item("stranger"), item("ended")))
    board = board_of([queue, None], [ours, private, elsewhere, hidden], ended={"ended": ended}, viewer=VIEWER)
    assert [line.whose for line in board.running] == [Whose.OURS]
    assert [line.whose for line in board.waiting] == [
        Whose.EXTERNAL,
        Whose.OURS,
        Whose.PRIVATE,
        Whose.ELSEWHERE,
        Whose.PRIVATE,
    ]
    assert board.unreachable == 1
    snapshots = {
        ours.id: Snapshot(job=ours, fraction=0.42),
        ended.id: Snapshot(job=ended, wait=75.0),
    }
    said = text(queue_view(board, snapshots, 0, ENGLISH))
    assert "▶️ #1 · Text to image · <@7> · 42%" in said
    assert "in about 1 min 15 s" in said
    assert "One image server is not answering" in said
    assert "#2" not in said
    assert "#5" not in said
    told = text(queue_view(replace(board, moderator=True), snapshots, 0, ENGLISH))
    assert "**3.** #2 · hidden · <@7>" in told
    assert "#5 · hidden · <@7>" in told
    assert "#3" not in told, "of another server not even moderators are told more"


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_longest_queue_fits(code: str) -> None:
    jobs = [queued(number, workflow_title=LONG) for number in range(1, 60)]
    board = board_of([QueueSnapshot((), ()), None, None], jobs, viewer=VIEWER, paused=True)
    snapshots = {job.id: Snapshot(job=job, wait=100.0) for job in jobs}
    for page in (0, 2, 77):
        view = queue_view(board, snapshots, page, LANGUAGES[code])
        assert fits(view)
        assert len([line for line in text(view).splitlines() if "<@7>" in line]) >= 11


@pytest.mark.parametrize("paused", [True, False])
def test_nobody_is_invited_to_make_something_while_new_jobs_are_paused(paused: bool) -> None:
    said = text(queue_view(board_of([], [], viewer=VIEWER, paused=paused), {}, 0, ENGLISH))
    assert "Nothing is running or waiting." in said
    assert ("Make something with" in said) is not paused
