"""What goes wrong, and when: everything is drawn from one source of chance."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable

from bot.demo.comfyui import FaultAction, Frame, HttpFault, unreliable
from tests import faults
from tests.campaign.world import World
from tests.faults import Call, Failure

ANY_CALL = (faults.RESET, faults.UNAVAILABLE, faults.LIMITED)
ANY_EFFECT = (faults.RESET_AFTER, faults.BAD_GATEWAY_AFTER)
TOKEN_ENDS = (faults.TOKEN_INVALID, faults.TOKEN_UNKNOWN)
CHANNEL_ENDS = (faults.NO_ACCESS, faults.NO_PERMISSION, faults.ARCHIVED, faults.LOCKED)

QUICK = (FaultAction.RESET, FaultAction.STATUS, FaultAction.LOSE_ANSWER, FaultAction.HALF_BODY)
"""What costs no patience."""

REQUESTS = (
    ("POST", "/prompt"), ("POST", "/prompt"), ("POST", "/prompt"), ("GET", "/queue"), ("GET", "/queue"),
    ("GET", "/history/*"), ("GET", "/history/*"), ("GET", "/view"), ("GET", "/view"), ("GET", "/api/jobs/*"),
    ("POST", "/api/jobs/*"), ("POST", "/queue"), ("POST", "/interrupt"), ("POST", "/upload/image"),
    ("GET", "/object_info"), ("*", "*"),
)  # fmt: skip


class DiscordWeather:
    """Decides about every call of the bot to Discord."""

    def __init__(self, world: World, dice: random.Random, *, chance: float = 0.1) -> None:
        self.world, self.dice, self.chance = world, dice, chance
        self.calm = False
        world.faults.decide = self.decide
        world.faults.blocked = "forbidden-word"

    def decide(self, call: Call) -> Failure | None:
        """Return what happens to a call; nothing mostly."""
        if (
            self.calm
            or self.dice.random() >= self.chance
            or not (call.is_answer or call.is_edit or call.is_post or call.token)
        ):
            return None
        if call.is_answer:
            return self.dice.choice((*ANY_CALL, *ANY_EFFECT, faults.TOO_LATE))
        kinds: list[Failure] = [*ANY_CALL, *ANY_EFFECT]
        if call.is_edit:
            kinds += [faults.OLD_EDITS]
        if any(call.sizes) and max(call.sizes) > 1500:
            kinds += [faults.TOO_LARGE, faults.TOO_LARGE]
        if call.token is not None:
            kinds += TOKEN_ENDS
        failure = self.dice.choice(kinds)
        if failure in TOKEN_ENDS and call.token is not None:
            self.world.faults.tokens[call.token] = failure
        return failure

    async def blow(self) -> None:
        """Change what is wrong for longer, now and then, until cancelled."""
        while True:
            await asyncio.sleep(self.dice.uniform(2.0, 8.0))
            self.dice.choice((self._close_channel, self._delete_message, self._delete_channel, self._session,
                              self._delete_message, self._close_channel))()  # fmt: skip

    def clear(self) -> None:
        """Let everything be well from now on; what is lost stays lost."""
        self.calm = True
        self.world.faults.channels.clear()

    def _close_channel(self) -> None:
        channels = self.world.faults.channels
        if channels:
            channels.clear()
        else:
            place = self.dice.choice(self.world.channels)
            channels[place] = self.dice.choice(CHANNEL_ENDS)
            self.world.touched.add(place)

    def _delete_message(self) -> None:
        backend = self.world.backend
        channel_id = self.dice.choice(self.world.channels)
        mine = [message for message in backend.messages[channel_id].values()
                if message.author_id == backend.bot_user.id and not message.is_ephemeral][-8:]  # fmt: skip
        if mine:
            backend.delete_message(channel_id, self.dice.choice(mine).id)
            self.world.faults.struck["message deleted"] += 1

    def _delete_channel(self) -> None:
        if self.dice.random() < 0.7:
            return
        world = self.world
        place = self.dice.randrange(len(world.channels))
        gone = world.channels[place]
        world.channels[place] = world.new_channel(f"art-{gone}")
        world.deleted_channels.append(gone)
        kept = world.backend.messages.get(gone, {})
        world.backend.delete_channel(gone)
        world.backend.messages.setdefault(gone, kept)
        world.faults.struck["channel deleted"] += 1

    def _session(self) -> None:
        self.world.reconnect()
        self.world.faults.struck["gateway session lost"] += 1


class ServerWeather:
    """Makes the stand-in ComfyUI misbehave now and then."""

    def __init__(self, world: World, dice: random.Random, *, restarts: bool = True) -> None:
        self.world, self.dice, self.server, self.restarts = world, dice, world.comfyui, restarts
        self.faults = world.comfyui.faults
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
        for name in ("http", "slow", "frames", "deaf", "refuse_sockets", "dead_worker", "forget_history",
                     "missing_outputs", "out_of_memory", "blocked"):  # fmt: skip
            setattr(self.faults, name, getattr(fresh, name))
        if self.restarts:
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
        elif roll < 0.93 and self.restarts:
            await self.restart()
        elif roll < 0.934 and self.restarts:
            await self._kill_worker()
        else:
            self.dice.choice(
                (self._drop, self._forget, self._memory, self._block, self._strange, self._lose_file)
            )()

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
            ("refuse_sockets", 503, 4.0), ("slow", 0.02, 2.0), ("forget_history", True, 1.0),
        ]  # fmt: skip

    async def _for_a_while(self, name: str, value: object, seconds: float) -> None:
        self.struck[name] += 1
        before = getattr(type(self.faults)(), name)
        setattr(self.faults, name, value)
        if name == "refuse_sockets":
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
        folder = self.world.folder / "comfyui" / "output"
        files = [path for path in folder.rglob("*.png") if not path.name.startswith("stranger")]
        if files:
            newest = max(files, key=lambda path: path.stat().st_mtime_ns)
            newest.rename(newest.with_suffix(".gone"))  # its number is not given to another
            self.world.removed.add(newest.name)
            self.struck["output file deleted"] += 1

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
