import asyncio

import pytest

from bot.comfy import (
    Event,
    ExecutionError,
    Failed,
    Finished,
    LinkLost,
    LinkRestored,
    Mailbox,
    NodeOutput,
    NodeStarted,
    Output,
    OutputKind,
    Preview,
    Progress,
    Started,
    Step,
    Succeeded,
)  # fmt: skip
from bot.comfy.mailbox import MOST_BYTES, MOST_EVENTS

ERROR = ExecutionError("4", "K", "E", "no", out_of_memory=False)


def drained(box: Mailbox) -> list[Event]:
    found: list[Event] = []
    while not box.empty():
        found.append(box.get_nowait())
    return found


async def test_events_come_in_order_and_the_reader_waits_for_them() -> None:
    box = Mailbox()
    reading = asyncio.ensure_future(box.get())
    await asyncio.sleep(0)
    box.put(Started("p"))
    box.put(NodeStarted("p", "1", "1"))
    assert await reading == Started("p")
    assert await box.get() == NodeStarted("p", "1", "1")
    with pytest.raises(asyncio.QueueEmpty):
        box.get_nowait()


def test_only_the_newest_progress_and_preview_wait() -> None:
    box = Mailbox()
    for value in range(500):
        box.put(Step("p", "3", value, 500))
        box.put(Progress("p", {}))
        box.put(Preview("p", "3", b"%d" % value, "jpeg"))
    assert drained(box) == [Step("p", "3", 499, 500), Progress("p", {}), Preview("p", "3", b"499", "jpeg")]


def test_pictures_that_are_outputs_all_wait_within_bounds() -> None:
    box = Mailbox()
    picture = bytes(MOST_BYTES // 8)
    for _ in range(20):
        box.put(Preview("p", "3", picture, "png"))
    box.put(Finished("p"))
    kept = drained(box)
    assert len(kept) == 9
    assert kept[-1] == Finished("p")


def test_long_texts_wait_within_bounds_too() -> None:
    box = Mailbox()
    for number in range(200):
        text = Output("9", OutputKind.TEXT, None, str(number) + "x" * 1_000_000)
        box.put(NodeOutput("p", "9", (text,)))
    assert box.qsize() < 70


def test_one_picture_over_the_bound_is_still_delivered() -> None:
    box = Mailbox()
    box.put(Preview("p", "3", bytes(MOST_BYTES + 1), "png"))
    assert box.qsize() == 1


def test_no_flood_grows_without_end_or_washes_an_ending_away() -> None:
    box = Mailbox()
    for event in (
        Started("p"),
        Failed("p", ERROR),
        Succeeded("p"),
        Finished("p"),
        LinkLost(),
        LinkRestored(),
    ):
        box.put(event)
    for number in range(5 * MOST_EVENTS):
        box.put(NodeStarted("p", str(number), str(number)))
    assert box.qsize() == MOST_EVENTS
    kept = drained(box)
    assert kept[:6] == [
        Started("p"),
        Failed("p", ERROR),
        Succeeded("p"),
        Finished("p"),
        LinkLost(),
        LinkRestored(),
    ]
    assert kept[-1] == NodeStarted("p", str(5 * MOST_EVENTS - 1), str(5 * MOST_EVENTS - 1))


def test_a_link_that_comes_and_goes_ends_as_it_is() -> None:
    box = Mailbox()
    for _ in range(100):
        box.put(LinkLost())
        box.put(LinkRestored())
    box.put(LinkLost())
    assert drained(box) == [LinkRestored(), LinkLost()]
