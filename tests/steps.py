"""Notices steps of the event loop in which the bot uses its thread for long without letting others have their turn."""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.blocking import EXEMPT, OURS

HANDLERS = (*OURS, "discord.")
"""The library's tasks run the bot's own handlers, at times from beginning to end in one step."""
MOST = 0.1
"""Seconds of its thread's processor time that one step may use; time in which the machine does other things is free."""


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
    run = asyncio.Handle._run

    def watched(handle: Any) -> None:
        callback = handle._callback
        before = _places(callback)
        collected, began = collecting.seconds, time.thread_time()
        run(handle)
        took = time.thread_time() - began - (collecting.seconds - collected)
        if took > MOST:
            places = list(dict.fromkeys((*before, *_places(callback))))
            if any(_is_ours(place) for place in places) and not places[0].startswith("tests."):
                found.append(f"{took:.2f} s of processor time in one step: {' > '.join(places[-6:])}")

    monkeypatch.setattr(asyncio.Handle, "_run", watched)
    return lambda: gc.callbacks.remove(collecting)


def _is_ours(place: str) -> bool:
    return place.startswith(HANDLERS) and not place.startswith(EXEMPT)


def _places(callback: Any) -> list[str]:
    """Return which coroutines a callback goes on with, the outermost first; a plain function alone."""
    coroutine = getattr(getattr(callback, "__self__", None), "get_coro", lambda: None)()
    if coroutine is None:
        callback = getattr(callback, "func", callback)
        return [f"{getattr(callback, '__module__', '')}.{getattr(callback, '__qualname__', '')}"]
    return list(_awaited(coroutine))


def _awaited(coroutine: Any) -> Iterator[str]:
    for _ in range(60):
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "ag_frame", None)
        if frame is None:
            name = getattr(coroutine, "__qualname__", None)
            if name is None:
                return
            yield f"{getattr(getattr(coroutine, 'cr_code', None), 'co_filename', '?')}.{name}"
        else:
            yield f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}:{frame.f_lineno}"
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "ag_await", None)
        if coroutine is None:
            return
