"""What events and looks add up to: endings, losses, and when patience is over."""

import pytest

from bot.comfy import (
    Ended,
    Ending,
    Finished,
    Gone,
    HistoryEntry,
    LinkLost,
    LinkRestored,
    NodeStarted,
    Pending,
    Running,
    Started,
    Status,
    Unknown,
)  # fmt: skip
from bot.jobs.execution.run_tracker import Over, Overdue, Patience, RunTracker, Vanished
from bot.jobs.model.failure import Reason

P = "prompt"
ENTRY = HistoryEntry(P, Ending.SUCCESS, (), None, 1.0, None, {}, None, None)
PATIENCE = Patience(stall=10, timeout=100, grace=3)


@pytest.mark.parametrize(
    ("happens", "verdict"),
    [
        ([Ended(ENTRY)], Over(ENTRY)),
        ([Gone(), Gone()], Vanished(False)),
        ([Gone(), Pending(1), Gone()], None),
        ([Gone(), Running(), Gone(), Gone()], Vanished(False)),
        ([LinkLost(), Gone(), Gone()], Vanished(True)),
        ([LinkLost(), LinkRestored(), Gone(), Gone()], Vanished(True)),
        ([Started(P), LinkLost(), Gone(), Gone()], Vanished(False)),
        ([LinkLost(), Pending(2), Gone(), Gone()], Vanished(False)),
        ([Pending(2), LinkLost(), Gone(), Gone()], Vanished(True)),
        ([LinkLost(), LinkRestored(), LinkLost(), Gone(), Gone()], Vanished(False)),
        ([Pending(1), Running(), Finished(P), Gone(), Gone(), Gone()], None),
        ([Finished(P), Gone(), Ended(ENTRY)], Over(ENTRY)),
    ],
)
def test_verdicts(happens, verdict):
    tracker = RunTracker(0.0, PATIENCE, heard=True)
    last = None
    for thing in happens:
        if isinstance(thing, Pending | Running | Ended | Gone):
            last = tracker.saw(thing, 1.0)
        else:
            tracker.hear(thing, 1.0)
    assert last == verdict


def test_without_ears_nothing_is_certain():
    tracker = RunTracker(0.0, PATIENCE, heard=False)
    tracker.hear(LinkLost(), 0.0)
    assert tracker.saw(Gone(), 1.0) is None
    assert tracker.saw(Gone(), 1.0) == Vanished(False)


def test_after_the_last_frame_the_history_may_take_two_seconds():
    tracker = RunTracker(0.0, PATIENCE, heard=True)
    assert tracker.hear(Finished(P), 5.0)
    assert tracker.expected
    for now in (5.0, 6.0, 6.9, 7.1):
        assert tracker.saw(Gone(), now) is None
    assert tracker.doubted
    assert tracker.saw(Gone(), 8.0) == Vanished(False)


def test_one_look_is_enough_for_what_was_taken_out_at_our_request():
    tracker = RunTracker(0.0, PATIENCE, heard=True)
    tracker.removed = True
    assert tracker.saw(Gone(), 0.0) == Vanished(False)


def test_other_frames_are_no_sign_of_life():
    tracker = RunTracker(0.0, PATIENCE, heard=True)
    assert not tracker.hear(Status(1), 1.0)
    assert not tracker.hear(Unknown("x"), 1.0)
    assert not tracker.started


def test_a_stall_counts_only_while_progress_can_be_heard():
    tracker = RunTracker(0.0, PATIENCE, heard=True)
    tracker.hear(Started(P), 1.0)
    tracker.hear(NodeStarted(P, "3", "3"), 5.0)
    assert tracker.due(14.9) is None
    assert tracker.due(15.0) == Overdue(Reason.STALLED)
    tracker.hear(LinkLost(), 15.0)
    assert tracker.due(50.0) is None
    assert tracker.due(101.0) == Overdue(Reason.TIMEOUT)


def test_waiting_on_the_server_is_not_stuck_as_long_as_it_moves():
    tracker = RunTracker(0.0, PATIENCE, heard=True)
    for now, place in ((10.0, 3), (90.0, 2), (150.0, 1)):
        tracker.saw(Pending(place), now)
        assert tracker.due(now) is None
    tracker.saw(Pending(1), 240.0)
    assert tracker.due(250.0) == Overdue(Reason.TIMEOUT)


def test_what_was_told_to_end_is_given_up_after_the_grace():
    tracker = RunTracker(0.0, PATIENCE, heard=True, started=True)
    tracker.give_up(50.0)
    assert tracker.due(52.9) is None
    assert tracker.due(53.0) == Overdue(None)


def test_a_wish_is_granted_when_the_server_stays_silent():
    tracker = RunTracker(0.0, PATIENCE, heard=False, started=True)
    tracker.wanted(20.0)
    assert tracker.due(40.0) is None
    tracker.look_failed(40.0)
    tracker.look_failed(41.0)
    assert not tracker.answering
    assert tracker.due(42.9) is None
    assert tracker.due(43.0) == Overdue(None)
    tracker.saw(Running(), 44.0)
    assert tracker.answering
    assert tracker.due(44.0) is None
