"""Notices what holds up the event loop: pictures, files and large documents are for threads of their own."""

import json
import sys
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

OURS = ("bot.", "cogs.")
EXEMPT = (
    "bot.demo",
    "bot.comfy.raw",
    "bot.registration",
    "bot.ui.delivery.progress_view",
    "bot.media.decoding.order",
)
"""The stand-in; what is called in a thread where an answer is large; and what cannot grow: commands, messages, orders."""
LARGE = 1_000
"""Characters or bytes from which on a document counts as large; those of the tests are all small."""
HEAVY: tuple[tuple[Any, str], ...] = (
    (Image, "open"),
    (Image.Image, "load"),
    (Image.Image, "convert"),
    (Image.Image, "save"),
    (Image.Image, "thumbnail"),
    (Path, "read_bytes"),
    (Path, "read_text"),
    (Path, "write_bytes"),
    (Path, "write_text"),
    (tomllib, "loads"),
)
DOCUMENTS: tuple[tuple[Any, str], ...] = ((json, "loads"), (json, "dumps"))


def notice(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    """Put into `found` where the bot's own code does such a thing in this thread, from now on."""
    loop = threading.current_thread()

    def watched(original: Callable[..., Any], *, always: bool) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            caller = sys._getframe(1)
            module = str(caller.f_globals.get("__name__", ""))
            if (
                threading.current_thread() is loop
                and module.startswith(OURS)
                and not module.startswith(EXEMPT)
            ):
                sizes = [len(each) for each in (result, *args[:1]) if isinstance(each, str | bytes)]
                if always or max(sizes, default=0) > LARGE:
                    found.append(f"{module}:{caller.f_lineno} {original.__qualname__}")
            return result

        return call

    for places, always in ((HEAVY, True), (DOCUMENTS, False)):
        for place, name in places:
            monkeypatch.setattr(place, name, watched(getattr(place, name), always=always))
