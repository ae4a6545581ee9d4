"""Notes which functions of the bot run between two moments, in the tasks that serve a journey.

A function counts when it is entered, and when it goes on after a wait because something has returned to it: a loop
that has waited since the start of the bot counts, the functions around it that only hand its wait on do not.
"""

import asyncio
import dis
import inspect
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import discord
import pytest

from bot.demo.simulated import OutsideTasks

ROOT = Path(__file__).parents[2]
COUNTED = tuple(f"{ROOT / name}/" for name in ("bot", "cogs"))
LEFT_OUT = f"{ROOT / 'bot/demo'}/"
PARTS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}
"""Parts of a function that have a frame of their own, some of them only in some versions of Python."""
RESUME, YIELD = dis.opmap["RESUME"], dis.opmap["YIELD_VALUE"]

PERSON = "person"
"""The role of a command or a press of a button: what the simulated Discord starts itself."""
EVENT = "event"
"""The role of the cogs' listeners: five of them look at every interaction, and leave it alone if it is not theirs."""

Function = tuple[str, str]
"""A file, and the qualified name of a function in it."""

_role: ContextVar[str] = ContextVar("role", default="")


class Tracer:
    """Profiles the loop's thread between `begin` and `end`, and every thread that is started after `installed`.

    A task is known by its role, the first word of the name it is spawned under. Tasks, threads and callbacks that it
    starts inherit the role with the context; whatever has another role than those asked for is left out.
    """

    def __init__(self) -> None:
        self._roles: tuple[str, ...] = ()
        self._seen: dict[Function, None] = {}
        self._known: dict[CodeType, Function | None] = {}
        self._ended = asyncio.Event()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Give tasks their roles and trace new threads; enter this before the simulated world."""
        create, schedule = OutsideTasks._create, discord.Client._schedule_event

        def in_role(outside: OutsideTasks, coroutine: Coroutine[Any, Any, Any], name: str) -> Any:
            # Runs in a context of its own, which only the new task inherits.
            role = name.split()[0]
            _role.set(role)
            self.hand_over(role)
            return create(outside, coroutine, name)

        def as_event(client: discord.Client, *args: Any) -> Any:
            token = _role.set(EVENT)
            try:
                return schedule(client, *args)
            finally:
                _role.reset(token)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(OutsideTasks, "_create", in_role)
            patch.setattr(discord.Client, "_schedule_event", as_event)
            threading.setprofile(self._profiled)
            token = _role.set(PERSON)
            try:
                yield
            finally:
                _role.reset(token)
                threading.setprofile(None)

    def begin(self, *roles: str) -> None:
        """Note from now on what runs in these roles."""
        self._seen, self._roles = {}, roles
        sys.setprofile(self._profiled)

    def admit(self, role: str) -> None:
        """Note from now on what runs in this role too, until one of those that were there from the beginning takes over."""
        if self._roles:
            self._roles = (role, *self._roles)

    def hand_over(self, role: str) -> None:
        """Leave out the roles before this one from now on: the journey goes on in the task that is spawned now."""
        if role in self._roles:
            self._roles = self._roles[self._roles.index(role) :]

    def end(self) -> None:
        """Stop noting; does nothing where nothing was begun."""
        if self._roles:
            self._roles = ()
            sys.setprofile(None)
            self._ended.set()

    async def functions(self, within: float) -> tuple[Function, ...]:
        """Wait until `end`, at most so many seconds; return the functions in the order in which they were entered."""
        async with asyncio.timeout(within):
            await self._ended.wait()
        self._ended.clear()
        return tuple(self._seen)

    def _profiled(self, frame: FrameType, event: str, _value: Any) -> None:
        if not self._roles or _is_pause(frame, event) or _role.get() not in self._roles:
            return
        if frame.f_back is not None:
            self._note(frame.f_back.f_code)
        self._note(frame.f_code)

    def _note(self, code: CodeType) -> None:
        try:
            function = self._known[code]
        except KeyError:
            function = self._known[code] = _function(code)
        if function is not None:
            self._seen.setdefault(function)


def _is_pause(frame: FrameType, event: str) -> bool:
    """Tell whether nothing is entered or ended here: a wait begins or is over, or a built-in function is called."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if event == "call":
        return code[at] != RESUME or code[at + 1] & 3 != 0  # only at the beginning of a function it is 0
    return event != "return" or code[at] in {YIELD, RESUME}  # newer versions stand behind the yield by then


def _function(code: CodeType) -> Function | None:
    """Return which function of the bot this is; None for others, modules, classes and what is generated."""
    file = code.co_filename
    if not file.startswith(COUNTED) or file.startswith(LEFT_OUT):
        return None
    if not code.co_flags & inspect.CO_OPTIMIZED or code.co_name in PARTS:
        return None
    return str(Path(file).relative_to(ROOT)), code.co_qualname
