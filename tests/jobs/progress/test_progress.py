"""How events add up to progress."""

import math

import pytest

from bot.comfy import (
    Cached,
    FileRef,
    Finished,
    NodeOutput,
    NodeProgress,
    NodeStarted,
    Output,
    OutputKind,
    Preview,
    Progress,
    Step,
    Succeeded,
)  # fmt: skip
from bot.jobs.progress.progress import Tracker

P = "prompt"
GRAPH = {
    "1": {"class_type": "Loader", "inputs": {}},
    "3": {"class_type": "KSampler", "inputs": {"steps": 8}, "_meta": {"title": "Paint"}},
    "9": {"class_type": "SaveImage", "inputs": {}},
}
IMAGE = Output("9", OutputKind.IMAGE, FileRef("a.png"))


def test_steps_weigh_more_than_nodes():
    tracker = Tracker(GRAPH)
    assert (tracker.fraction, tracker.node_title, tracker.remaining) == (None, None, None)
    tracker.hear(NodeStarted(P, "1", "1"), 0.0)
    tracker.hear(NodeStarted(P, "3", "3"), 1.0)
    assert tracker.fraction == pytest.approx(0.1)
    assert tracker.node_title == "Paint"
    for step in range(1, 5):
        tracker.hear(Step(P, "3", step, 8), 1.0 + step * 2)
    assert (tracker.step, tracker.steps) == (4, 8)
    assert tracker.fraction == pytest.approx(0.5)
    assert tracker.remaining == pytest.approx(8.0)
    tracker.hear(NodeOutput(P, "9", (IMAGE,)), 20.0)
    tracker.hear(NodeOutput(P, "9", (IMAGE,)), 20.0)
    assert tracker.outputs == (IMAGE,)
    assert tracker.hear(Succeeded(P), 20.0)
    assert tracker.fraction == 1.0


def test_it_never_goes_back():
    tracker = Tracker(GRAPH)
    tracker.hear(Step(P, "3", 8, 8), 0.0)
    before = tracker.fraction
    tracker.hear(Step(P, "3", 1, 8), 1.0)
    tracker.hear(Step(P, "1", 1, 500), 1.0)
    assert tracker.fraction == before


def test_cached_nodes_are_done_and_overviews_count():
    tracker = Tracker(GRAPH)
    tracker.hear(Cached(P, ("1", "3")), 0.0)
    assert tracker.fraction == pytest.approx(0.9)
    other = Tracker(GRAPH)
    states = {"1": NodeProgress(1, 1, "finished"), "3": NodeProgress(4, 8, "running", "3")}
    other.hear(Progress(P, states), 0.0)
    assert other.fraction == pytest.approx(0.5)


def test_nodes_made_at_run_time_belong_to_the_one_that_made_them():
    tracker = Tracker(GRAPH)
    tracker.hear(NodeStarted(P, "3.0.1", "3"), 0.0)
    tracker.hear(Step(P, "3.0.1", 4, 8), 0.0)
    assert tracker.node_title == "Paint"
    assert tracker.fraction == pytest.approx(0.4)


@pytest.mark.parametrize(("value", "maximum"), [(math.nan, 8), (1, math.inf), (1, 0), (1, -5)])
def test_nonsense_is_not_counted(value: float, maximum: float):
    tracker = Tracker(GRAPH)
    tracker.hear(Step(P, "3", value, maximum), 0.0)
    tracker.hear(Progress(P, {"3": NodeProgress(value, maximum, "running")}), 0.0)
    assert tracker.fraction == 0.0
    assert tracker.step is None


def test_other_things():
    tracker = Tracker({})
    assert tracker.hear(Preview(P, "3", b"x", "png"), 0.0)
    assert tracker.preview is not None
    assert not tracker.hear(Finished(P), 0.0)
    tracker.hear(Succeeded(P), 0.0)
    assert tracker.fraction is None
    assert Tracker({"1": {"class_type": "X", "inputs": {"steps": True}}}).hear(NodeStarted(P, "5", "5"), 0.0)


def test_a_preview_goes_when_what_it_grew_into_is_there():
    tracker = Tracker(GRAPH)
    tracker.hear(Preview(P, "3", b"x", "png"), 0.0)
    assert tracker.preview is not None
    tracker.hear(NodeOutput(P, "9", (IMAGE,)), 1.0)
    assert tracker.preview is None
