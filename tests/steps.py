"""Notices steps of the event loop in which the bot uses its thread for long without letting others have their turn."""

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from tests.blocking import EXEMPT, OURS

HANDLERS = (*OURS, "discord.")
"""The library's tasks run the bot's own handlers, at times from beginning to end in one step."""
MEASURED = 0.4
"""What `MOST` is while coverage is measured or calls are counted: the same steps take a few times as long."""
MOST = 0.1 if sys.gettrace() is None else MEASURED
"""Seconds of its thread's processor time that one step may use; time in which the machine does other things is free."""
OTHERS = 0.005
"""Seconds by the clock between two looks at the processor time: as much of others' steps may count as one's own."""
DEPTH = 60
"""Coroutines inside one another that are looked at."""


class _Collecting:
    """The processor time that Python's own collection of garbage has used so far."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __call__(self, phase: str, _info: Any) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self.seconds += time.thread_time() - self._began


def watch_steps(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> Callable[[], None]:
    """Put into `found` what the bot's steps were that took longer, from now on; returns how to end this.

    What the tests, the simulated Discord and the stand-in do by themselves is no step of the bot's.
    """
    collecting = _Collecting()
    gc.callbacks.append(collecting)
    run, now = asyncio.Handle._run, time.perf_counter
    # Asking for the processor time enters the kernel, and there are thousands of steps in a second: it is asked for
    # when a step took long by the clock, and now and then, so that others' steps add at most OTHERS.
    seen_at, used, collected = 0.0, 0.0, 0.0

    def watched(handle: Any) -> None:
        nonlocal seen_at, used, collected
        began = now()
        if began - seen_at > OTHERS:
            seen_at, used, collected = began, time.thread_time(), collecting.seconds
        callback = handle._callback
        chain = _chain(callback)
        run(handle)
        if now() - began <= MOST:
            return
        took = time.thread_time() - used - (collecting.seconds - collected)
        if took > MOST + OTHERS:
            places = list(dict.fromkeys((*map(_place, filter(None, chain)), *_places(callback))))
            if any(_is_ours(place) for place in places) and not places[0].startswith("tests."):
                found.append(f"{took:.2f} s of processor time in one step: {' > '.join(places[-6:])}")

    monkeypatch.setattr(asyncio.Handle, "_run", watched)
    return lambda: gc.callbacks.remove(collecting)


def _is_ours(place: str) -> bool:
    return place.startswith(HANDLERS) and not place.startswith(EXEMPT)


def _chain(callback: Any) -> list[FrameType]:
    """Return the frames of the coroutines a callback goes on with, the outermost first; cheap, it is done at each step."""
    frames: list[FrameType] = []
    try:
        coroutine = callback.__self__.get_coro()
        for _ in range(DEPTH):
            frames.append(coroutine.cr_frame)
            coroutine = coroutine.cr_await
    except AttributeError:  # a plain function, or the innermost: what waits for the outside has neither
        pass
    return frames


def _place(frame: FrameType) -> str:
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}:{frame.f_lineno}"


def _places(callback: Any) -> list[str]:
    """Return which coroutines a callback goes on with, the outermost first; a plain function alone."""
    coroutine = getattr(getattr(callback, "__self__", None), "get_coro", lambda: None)()
    if coroutine is None:
        callback = getattr(callback, "func", callback)
        return [f"{getattr(callback, '__module__', '')}.{getattr(callback, '__qualname__', '')}"]
    return list(_awaited(coroutine))


def _awaited(coroutine: Any) -> Iterator[str]:
    for _ in range(DEPTH):
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "ag_frame", None)
        if frame is None:
            name = getattr(coroutine, "__qualname__", None)
            if name is None:
                return
            yield f"{getattr(getattr(coroutine, 'cr_code', None), 'co_filename', '?')}.{name}"
        else:
            yield _place(frame)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "ag_await", None)
        if coroutine is None:
            return
