"""What goes wrong with ComfyUI, and when: everything is drawn from one source of chance."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.demo.comfyui import FaultAction, Frame, HttpFault, StandIn, unreliable

QUICK = (FaultAction.RESET, FaultAction.STATUS, FaultAction.LOSE_ANSWER, FaultAction.HALF_BODY)
"""What costs no patience."""

REQUESTS = (
    ("POST", "/prompt"), ("POST", "/prompt"), ("POST", "/prompt"), ("GET", "/queue"), ("GET", "/queue"),
    ("GET", "/history/*"), ("GET", "/history/*"), ("GET", "/view"), ("GET", "/view"), ("GET", "/api/jobs/*"),
    ("POST", "/api/jobs/*"), ("POST", "/queue"), ("POST", "/interrupt"), ("POST", "/upload/image"),
    ("GET", "/object_info"), ("*", "*"),
)  # fmt: skip


LARGE = 11 * 1024 * 1024
"""Bytes: a little more than Discord takes of anybody."""


class ServerWeather:
    """Makes the stand-in ComfyUI misbehave now and then."""

    def __init__(self, server: StandIn, dice: random.Random, removed: set[str], grown: set[str]) -> None:
        """Make the weather of a server; names of files it deletes are put into `removed`, of those it makes large into `grown`."""
        self.server, self.dice, self.removed, self.grown = server, dice, removed, grown
        self.faults = server.faults
        self.struck: Counter[str] = Counter()
        self._pending: list[tuple[HttpFault, str]] = []

    async def blow(self) -> None:
        """Do something every now and then, until cancelled."""
        try:
            while True:
                await asyncio.sleep(self.dice.uniform(0.1, 1.2))
                self._count_spent()
                await self._one()
        finally:
            self._count_spent()

    async def clear(self) -> None:
        """Let everything be well from now on."""
        self._count_spent()
        self._pending.clear()
        fresh = type(self.faults)()
        for name in ("http", "slow", "frames", "deaf", "refuse_sockets", "half_open", "dead_worker",
                     "forget_history", "missing_outputs", "out_of_memory", "blocked", "left_out"):  # fmt: skip
            setattr(self.faults, name, getattr(fresh, name))
        await self.restart()

    async def restart(self) -> None:
        """Restart the server, perhaps as another version; whatever it knew is gone."""
        self.struck["restart"] += 1
        self.server.version = self.dice.choice(("new", "old"))
        await self.server.restart()

    async def _one(self) -> None:
        roll = self.dice.random()
        if roll < 0.6:
            self._spoil_request()
        elif roll < 0.9:
            await self._for_a_while(*self.dice.choice(self._spells()))
        elif roll < 0.93:
            await self.restart()
        elif roll < 0.934:
            await self._kill_worker()
        else:
            self.dice.choice((self._drop, self._forget, self._memory, self._block, self._strange, self._lose_file,
                              self._leave_out, self._grow))()  # fmt: skip

    def _spoil_request(self) -> None:
        action = self.dice.choice([*FaultAction, *QUICK, *QUICK])
        match = self.dice.choice(REQUESTS)
        seconds = self.dice.choice((0.5, 3.0, 20.0)) / 10
        fault = HttpFault(match, action, seconds=seconds, status=self.dice.choice((500, 502, 503)))
        self.faults.http.append(fault)
        self._pending.append((fault, f"{action} {match[0]} {match[1]}"))

    def _count_spent(self) -> None:
        for fault, name in [*self._pending]:
            if fault.times == 0:
                self.struck[name] += 1
                self._pending.remove((fault, name))
                self.faults.http.remove(fault)
        for fault, name in self._pending[:-8]:  # nobody asked: make room for others
            self._pending.remove((fault, name))
            self.faults.http.remove(fault)

    def _spells(self) -> list[tuple[str, object, float]]:
        frames = unreliable(self.dice.randrange(10**6), lose=0.3, duplicate=0.3, reorder=0.3, garble=0.1)
        return [
            ("frames", frames, 4.0), ("frames", frames, 4.0), ("frames", self._none, 3.0), ("deaf", True, 4.0),
            ("half_open", True, 8.0), ("refuse_sockets", 503, 4.0), ("slow", 0.02, 2.0), ("forget_history", True, 1.0),
        ]  # fmt: skip

    async def _for_a_while(self, name: str, value: object, seconds: float) -> None:
        self.struck[name] += 1
        before = getattr(type(self.faults)(), name)
        setattr(self.faults, name, value)
        if name in {"refuse_sockets", "half_open"}:
            self.server.drop_sockets()
        try:
            await asyncio.sleep(seconds)
        finally:
            setattr(self.faults, name, before)

    async def _kill_worker(self) -> None:
        """Let the next job run for ever; somebody restarts the server after a while."""
        self.struck["dead worker"] += 1
        self.faults.dead_worker = True
        await asyncio.sleep(self.dice.uniform(20.0, 80.0))
        self.faults.dead_worker = False
        await self.restart()

    @staticmethod
    def _none(_frame: Frame) -> Iterable[Frame]:
        return ()

    def _drop(self) -> None:
        self.struck["sockets dropped"] += 1
        self.server.drop_sockets()

    def _forget(self) -> None:
        self.struck["history entry deleted"] += 1
        known = list(self.server.executed)
        if known:
            self.server.forget(known[-1])

    def _lose_file(self) -> None:
        """Delete the newest picture, perhaps before it was fetched."""
        if (newest := self._newest(".png")) is not None:
            newest.rename(newest.with_suffix(".gone"))  # its number is not given to another
            self.removed.add(newest.name)
            self.struck["output file deleted"] += 1

    def _grow(self) -> None:
        """Make the newest film or picture larger than Discord takes, perhaps before it was fetched."""
        if (newest := self._newest(self.dice.choice((".mp4", ".png")))) is not None:
            os.truncate(newest, LARGE)  # decoders look at nothing behind the end
            self.grown.add(newest.name)
            self.struck[f"large {newest.suffix.removeprefix('.')}"] += 1

    def _newest(self, suffix: str) -> Path | None:
        files = [path for path in self.server.folders.root("output").rglob(f"*{suffix}")
                 if not path.name.startswith("stranger")]  # fmt: skip
        return max(files, key=lambda path: path.stat().st_mtime_ns, default=None)

    def _leave_out(self) -> None:
        self.struck["partial validation"] += 1
        self.faults.left_out += 1

    def _memory(self) -> None:
        self.struck["out of memory"] += 1
        self.faults.out_of_memory += 1

    def _block(self) -> None:
        self.struck["blocked branches"] += 1
        self.faults.blocked += 1

    def _strange(self) -> None:
        self.struck["unknown frame"] += 1
        odd: Callable[..., None] = self.server.send_to_all
        odd("crystools.monitor", {"cpu": float("nan"), "prompt_id": 7})
        odd("executing", {"node": None})
        self.server.send_text("1", "half a thought")
