"""Registering the commands with Discord: only when they changed, never more often than Discord takes."""

import asyncio
import hashlib
import json
import logging
from dataclasses import dataclass
from typing import Any, Protocol, cast

import discord
from discord import app_commands

from bot.discord_errors import DISCORD_ERRORS
from bot.runtime import Clock

log = logging.getLogger(__name__)

CREATES_A_DAY = 200
"""How many commands that are new Discord takes in 24 hours, for each place they are registered in."""
DAY = 86_400.0
LONGEST_WAIT = 3600.0


class Memory(Protocol):
    """Remembers small texts across restarts, such as what was registered with Discord last."""

    async def get(self, key: str) -> str | None:
        """Return what is kept under this key."""
        ...

    async def set(self, key: str, value: str | None) -> None:
        """Keep a value under this key."""
        ...


@dataclass(frozen=True, slots=True)
class RegistrationPace:
    """How long registering waits, in seconds."""

    quiet: float = 1.0
    """After a change, for further ones: files are seldom changed alone."""
    gap: float = 5.0
    """Between two registrations."""
    again: float = 60.0
    """Before the first new try after a failure; doubled each time, up to an hour."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What was registered last in one place."""

    fingerprint: str = ""
    names: tuple[str, ...] = ()
    created: tuple[tuple[float, int], ...] = ()
    """When how many new commands were registered, of the last 24 hours."""


class Registration:
    """Keeps what Discord knows of the commands in step with the tree."""

    def __init__(
        self,
        tree: app_commands.CommandTree[Any],
        memory: Memory,
        *,
        clock: Clock,
        dev_guild: int | None,
        pace: RegistrationPace | None = None,
    ) -> None:
        self._tree = tree
        self._memory = memory
        self._clock = clock
        self._guild = discord.Object(dev_guild) if dev_guild else None
        self._changed = asyncio.Event()
        self._busy = asyncio.Lock()
        self.optional: set[str] = set()
        """Commands to do without when Discord takes them amiss, so that the others are registered all the same."""
        self.pace = pace or RegistrationPace()

    async def register(self) -> bool:
        """Register the commands if they differ from what was registered last; tell whether they did.

        Raises what Discord has against it, and `TooManyNewError` where Discord would take no more new ones today.
        """
        async with self._busy:
            return await self._register()

    async def _register(self) -> bool:
        if self._guild is not None:
            self._tree.clear_commands(guild=self._guild)
            self._tree.copy_global_to(guild=self._guild)
        payload = await self._payload()
        fingerprint = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        last = await self._last()
        if last.fingerprint == fingerprint:
            return False
        now = self._clock.now()
        names = tuple(str(command["name"]) for command in payload)
        new = len(set(names) - set(last.names))
        created = tuple((at, count) for at, count in last.created if now - at < DAY)
        if sum(count for _, count in created) + new > CREATES_A_DAY:
            raise TooManyNewError(new)
        registered = await self._tree.sync(guild=self._guild)
        if new:
            created = (*created, (now, new))
        await self._remember(Registered(fingerprint, names, created))
        log.info(
            "%d commands registered (%s)", len(registered), "one server" if self._guild else "everywhere"
        )
        return True

    async def attempt(self) -> bool:
        """Try to register; what Discord has against it is no reason not to serve the commands it knows already."""
        try:
            await self._register_what_is_taken()
        except (*DISCORD_ERRORS, TooManyNewError) as error:
            log.error("the commands could not be registered, trying again later: %s", error)  # noqa: TRY400 - Discord's reason says it all
            return False
        return True

    async def _register_what_is_taken(self) -> None:
        try:
            await self.register()
        except app_commands.CommandSyncFailure as error:
            there = {command.name for command in self._tree.get_commands()} & self.optional
            refused = {name for name in there if f"command {name!r}" in str(error)} or there
            if not refused:
                raise
            log.error("Discord refuses %s: %s", ", ".join(f"/{name}" for name in sorted(refused)), error)  # noqa: TRY400 - Discord's reason says it all
            for name in refused:
                self._tree.remove_command(name)
            await self.register()

    def change(self) -> None:
        """Say that the commands in the tree may have changed; they are registered soon if they did."""
        self._changed.set()

    @property
    def settled(self) -> bool:
        """Whether Discord knows of everything that was changed, as far as it was to be had."""
        return not self._changed.is_set() and not self._busy.locked()

    async def keep(self) -> None:
        """Register whenever the commands changed, until cancelled."""
        failures = 0
        while True:
            await self._changed.wait()
            await asyncio.sleep(self.pace.quiet)
            self._changed.clear()
            if await self.attempt():
                failures = 0
                await asyncio.sleep(self.pace.gap)
            else:
                await asyncio.sleep(min(self.pace.again * 2**failures, LONGEST_WAIT))
                failures = min(failures + 1, 10)
                self._changed.set()

    async def _payload(self) -> list[dict[str, Any]]:
        translator = self._tree.translator
        payload: list[dict[str, Any]] = []
        for command in self._tree.get_commands(guild=self._guild):
            if translator is not None:
                payload.append(await command.get_translated_payload(self._tree, translator))
            else:
                payload.append(command.to_dict(self._tree))
        return payload

    @property
    def _place(self) -> str:
        application = self._tree.client.application_id
        return f"commands:{application}:{self._guild.id if self._guild else 'global'}"

    async def _last(self) -> Registered:
        try:
            told = cast("dict[str, Any]", json.loads(await self._memory.get(self._place) or "{}"))
            return Registered(
                str(told["fingerprint"]),
                tuple(told["names"]),
                tuple((float(at), int(count)) for at, count in told["created"]),
            )
        except (ValueError, KeyError, TypeError):
            return Registered()

    async def _remember(self, registered: Registered) -> None:
        told = {
            "fingerprint": registered.fingerprint,
            "names": registered.names,
            "created": registered.created,
        }
        await self._memory.set(self._place, json.dumps(told))


class TooManyNewError(Exception):
    """Discord would refuse so many new commands in one day."""

    def __init__(self, new: int) -> None:
        super().__init__(
            f"{new} new commands are more than Discord takes today ({CREATES_A_DAY} in 24 hours)"
        )
