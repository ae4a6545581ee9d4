"""What goes wrong in Discord, and when: everything is drawn from one source of chance."""

import asyncio
import random

from tests import faults
from tests.campaign.figures import card_of
from tests.campaign.world import World
from tests.faults import Call, Failure, Late

ANY_CALL = (faults.RESET, faults.UNAVAILABLE, faults.LIMITED)
ANY_EFFECT = (faults.RESET_AFTER, faults.BAD_GATEWAY_AFTER)
TOKEN_ENDS = (faults.TOKEN_INVALID, faults.TOKEN_UNKNOWN)
LATEST = 5.0
"""Seconds after which an edit takes no effect any more; the bot reckons with a little more."""
CHANNEL_ENDS = (faults.NO_ACCESS, faults.NO_PERMISSION, faults.ARCHIVED, faults.LOCKED)


def is_progress(call: Call) -> bool:
    """Whether this is an edit that says that a job goes on."""
    return call.is_edit and "job:cancel:" in call.text


class DiscordWeather:
    """Decides about every call of the bot to Discord."""

    def __init__(self, world: World, dice: random.Random, *, chance: float = 0.1) -> None:
        self.world, self.dice, self.chance = world, dice, chance
        self.calm = False
        self._told: set[str] = set()
        """Jobs whose end some edit has told."""
        world.faults.after.append(self._hear)
        world.faults.decide = self.decide
        world.faults.blocked = "forbidden-word"

    def decide(self, call: Call) -> Failure | None:
        """Return what happens to a call; nothing mostly."""
        if self.calm or not (call.is_answer or call.is_edit or call.is_post or call.token):
            return None
        if is_progress(call) and not call.sizes and self.dice.random() < 2 * self.chance:
            return faults.BELATED
        if self.dice.random() >= self.chance:
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
                              self._delete_message, self._close_channel, self._leave_or_join))()  # fmt: skip

    async def come_late(self) -> None:
        """Let edits take effect long after nobody waits for their answers any more, until cancelled."""
        belated = self.world.faults.belated
        while True:
            await asyncio.sleep(0.5)
            oldest = asyncio.get_running_loop().time() - LATEST
            belated[:] = [each for each in belated if each.since > oldest]
            for each in [each for each in belated if self._ripe(each)]:
                belated.remove(each)
                await each.take_effect()
                self.world.faults.struck["late effect"] += 1

    def _ripe(self, late: Late) -> bool:
        """Whether an edit takes effect now: mostly once another one has said that the job has ended."""
        return late.call.job_id in self._told or self.dice.random() < 0.05

    def _hear(self, call: Call, _result: object) -> None:
        if call.is_edit and not is_progress(call) and call.job_id is not None:
            self._told.add(call.job_id)

    def clear(self) -> None:
        """Let everything be well from now on; what is lost stays lost."""
        self.calm = True
        self.world.faults.belated.clear()
        if self.world.away:
            self.world.join()
        self.world.faults.channels.clear()

    def _leave_or_join(self) -> None:
        if self.world.away:
            self.world.join()
        elif self.dice.random() < 0.5:
            self.world.leave()
            self.world.faults.struck["removed from the server"] += 1

    def _close_channel(self) -> None:
        if self.world.away:
            return
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
        # Mostly of a job that goes on: that is where it hurts.
        running = [message for message in mine if "job:cancel:" in str(message.components)]
        if mine:
            message_id = self.dice.choice(running if running and self.dice.random() < 0.7 else mine).id
            if (job_id := card_of(self.world.folder / "data" / "bot.db", message_id)) is not None:
                self.world.deleted_cards[job_id] = backend.snowflake()
            backend.delete_message(channel_id, message_id)
            self.world.faults.struck["message deleted"] += 1

    def _delete_channel(self) -> None:
        if self.world.away or self.dice.random() < 0.7:
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
