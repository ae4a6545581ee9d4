"""A prompt is followed by looking now and then, and at once where somebody wants that."""

import asyncio
import time

from bot.comfy import CancelResult, Ended, Ending, HistoryEntry, Mailbox, Running, Whereabouts
from bot.jobs.execution.run_monitor import Following, Pace
from bot.jobs.execution.run_tracker import Over, Patience, RunTracker
from bot.runtime import SystemClock

POLL = 0.05
ENTRY = HistoryEntry("prompt", Ending.SUCCESS, (), None, 1.0, None, {}, None, None)


class Server:
    """Has the prompt at work until it is asked for the third time."""

    def __init__(self) -> None:
        self.looks = 0
        self.asked = asyncio.Event()

    async def locate(self, prompt_id: str) -> Whereabouts:
        self.looks += 1
        self.asked.set()
        return Running() if self.looks < 3 else Ended(ENTRY)

    async def cancel(self, prompt_id: str) -> CancelResult:
        return CancelResult.REMOVED


async def test_who_nudges_in_the_moment_the_wait_runs_out_is_heard() -> None:
    async def told(_event: object) -> None: ...

    clock, server = SystemClock(), Server()
    patience = Patience(stall=10, timeout=100, grace=3)
    following = Following(
        "prompt", RunTracker(clock.monotonic(), patience, heard=True), Mailbox(), server,
        clock=clock, pace=Pace(poll=POLL), told=told, unwanted=lambda: False,
    )  # fmt: skip
    nudged: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def nudge() -> None:
        try:
            following.nudge()
        except RuntimeError as error:
            nudged.set_exception(error)
        else:
            nudged.set_result(None)

    def hold_up() -> None:
        # Both fall due meanwhile, the end of the wait first.
        asyncio.get_running_loop().call_later(1.2 * POLL, nudge)
        time.sleep(1.5 * POLL)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        ending = group.create_task(following.ended())
        await server.asked.wait()
        await asyncio.sleep(0)
        hold_up()
        await nudged
    assert ending.result() == Over(ENTRY)
