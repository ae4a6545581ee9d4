"""What a person has set for all their jobs: language, notifications, defaults of workflows; and its store."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.model.request import InputRef
from bot.users.form_drafts import inputs_in
from bot.workflows.model.values import Value

log = logging.getLogger(__name__)


class Notify(StrEnum):
    """How a person wants to hear that a job of theirs has ended, without asking for it each time."""

    NEVER = "never"
    MENTION = "mention"
    """In the channel where it is shown."""
    DIRECT = "dm"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What goes into a person's jobs of one workflow unless they say otherwise."""

    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    private: bool = False

    def __bool__(self) -> bool:
        return bool(self.values) or self.private


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One person's settings, the same in every server."""

    language: str | None = None
    """A language's code; None: as Discord says."""
    notify: Notify = Notify.NEVER
    defaults: Mapping[str, Defaults] = field(default_factory=dict[str, Defaults])
    """By the workflow's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a person has used so far."""

    jobs: int = 0
    today: int = 0
    """How many pictures the daily limit counts."""
    seconds: float = 0.0
    """How long servers worked for them."""
    favourites: int = 0


class ProfileStore(Protocol):
    """Keeps profiles. Every method commits before it returns, and raises `StoreUnavailable` when it cannot."""

    async def profile(self, user_id: int) -> Profile: ...

    async def set_language(self, user_id: int, language: str | None) -> None: ...

    async def set_notify(self, user_id: int, notify: Notify) -> None: ...

    async def set_defaults(self, user_id: int, workflow: str, defaults: Defaults) -> None:
        """Keep them in place of earlier ones; empty ones are removed."""
        ...

    async def languages(self) -> Mapping[int, str]:
        """Return everybody's language, by person."""
        ...

    async def usage(self, user_id: int, *, midnight: float) -> Usage:
        """Return what the person has used; `midnight` is when the day began, seconds since the epoch."""
        ...

    async def forget(self, user_id: int) -> tuple[str, ...]:
        """Remove all about the person but their jobs and bans; returns the forms that were begun."""
        ...

    async def scrub(self) -> None:
        """Overwrite what was removed where the database would keep it for a while."""
        ...


class Profiles:
    """Everybody's settings; languages are known without I/O, for every answer needs one."""

    def __init__(self, store: ProfileStore) -> None:
        self._store = store
        self._languages: dict[int, str] = {}

    async def open(self) -> None:
        """Read everybody's language."""
        self._languages = dict(await self._store.languages())

    def language(self, user_id: int) -> str | None:
        """Return the code of the language a person has set; None where Discord's is to be used."""
        return self._languages.get(user_id)

    async def of(self, user_id: int) -> Profile:
        """Return a person's settings; what another process changed is known from then on."""
        profile = await self._store.profile(user_id)
        self._remember(user_id, profile.language)
        return profile

    async def speak(self, user_id: int, language: str | None) -> None:
        """Keep a person's language; None for Discord's."""
        await self._store.set_language(user_id, language)
        self._remember(user_id, language)

    async def notify(self, user_id: int, notify: Notify) -> None:
        """Keep how a person wants to be told of ends."""
        await self._store.set_notify(user_id, notify)

    async def default(self, user_id: int, workflow: str, defaults: Defaults) -> None:
        """Keep a person's defaults of a workflow; empty ones remove what was there."""
        await self._store.set_defaults(user_id, workflow, defaults)

    async def usage(self, user_id: int, *, midnight: float) -> Usage:
        """Return what a person has used."""
        return await self._store.usage(user_id, midnight=midnight)

    async def forget(self, user_id: int) -> tuple[InputRef, ...]:
        """Remove all about a person but their jobs and bans; returns the files attached to what they had begun."""
        begun = await self._store.forget(user_id)
        self._remember(user_id, None)
        return tuple(ref for text in begun for ref in inputs_in(text))

    async def scrub(self) -> None:
        """Overwrite what was removed where the database would keep it for a while; `Expiry` tries again."""
        try:
            await self._store.scrub()
        except StoreUnavailable as error:
            log.warning("what was removed is overwritten later: %s", error)

    def _remember(self, user_id: int, language: str | None) -> None:
        if language is None:
            self._languages.pop(user_id, None)
        else:
            self._languages[user_id] = language
