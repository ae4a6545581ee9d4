"""What people have filled into forms so far: kept for a day, so that nothing typed is lost to a restart or a mistake."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypedDict, Unpack

from pydantic import TypeAdapter, ValidationError

from bot.errors import UserError
from bot.jobs.model.request import InputRef, JobId, Origin, Request, Requester
from bot.runtime import Clock

LIFE = 86_400.0
"""Seconds a draft is kept after it was last changed."""

FORMS = "form:"
"""What the keys of drafts begin with."""


class Notes(Protocol):
    """Keeps texts across restarts, each for a while."""

    async def get(self, key: str) -> str | None:
        """Return what is kept under this key, unless its time is over."""
        ...

    async def set(self, key: str, value: str | None, *, until: float | None = None) -> None:
        """Keep a value under this key, until then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file somebody attached: where Discord keeps it, and what it says of it. Nothing of it is with us yet."""

    address: str
    name: str
    size: int
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPicture:
    """A picture that a job has made; `ordinal` is its number among the job's outputs, from 1."""

    job: JobId
    ordinal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePicture:
    """A picture that a message of the channel shows; `key` tells it from the others there."""

    message: int
    key: str


PictureSource = JobPicture | MessagePicture | Attached
"""Where a picture to go on from lies; nothing of it is fetched before it is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request being filled in: values as they were typed, files as they were attached."""

    id: str
    user_id: int
    guild_id: int | None
    workflow: str
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    """By parameter; what is not there is left to the workflow."""
    attached: Mapping[str, Attached] = field(default_factory=dict[str, Attached])
    """Files that are fetched when the form is sent, by parameter; each goes before an input of the same name."""
    inputs: Mapping[str, InputRef] = field(default_factory=dict[str, InputRef])
    """Files that an earlier job has with us already."""
    pictures: Mapping[str, PictureSource] = field(default_factory=dict[str, PictureSource])
    """Pictures it goes on from, by parameter; they are fetched when the form is sent too."""
    count: int = 1
    left_out: tuple[str, ...] = ()
    private: bool = False
    priority: bool = False
    spoiler: bool = False
    origin: Origin | None = None
    again: bool = False
    """Whether it began as a copy of an earlier job."""
    quick: bool = False
    """Whether nothing but the prompt is asked for."""
    choosing: bool = False
    """Whether the workflow is asked for too."""
    first: tuple[str, ...] = ()
    """The fields that come first after a refusal: what it is about, what is required, what was given."""

    def request(self, requester: Requester) -> Request:
        """Return the request without its values, which are still to be read."""
        return Request(
            requester=requester,
            workflow=self.workflow,
            inputs={name: ref for name, ref in self.inputs.items() if name not in self.attached},
            count=self.count,
            left_out=self.left_out,
            private=self.private,
            priority=self.priority,
            spoiler=self.spoiler,
            origin=self.origin,
        )


class Others(TypedDict, total=False):
    """What else of a draft can be changed."""

    workflow: str
    priority: bool
    quick: bool
    choosing: bool
    first: tuple[str, ...]


class Drafts:
    """Keeps drafts."""

    def __init__(self, notes: Notes, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock
        self._changing = asyncio.Lock()

    @staticmethod
    def new_id() -> str:
        """Return an id nobody can guess."""
        return secrets.token_hex(8)

    async def keep(self, draft: Draft) -> None:
        """Keep the draft as it is now."""
        text = _RECORD.dump_json(draft).decode()
        await self._notes.set(f"{FORMS}{draft.id}", text, until=self._clock.now() + LIFE)

    async def of(self, draft_id: str, user_id: int) -> Draft:
        """Return somebody's draft; raises `UserError` where it is not theirs or no longer there."""
        text = await self._notes.get(f"{FORMS}{draft_id}")
        try:
            draft = _RECORD.validate_json(text) if text else None
        except ValidationError:
            draft = None
        if draft is None:
            raise UserError("This form has expired. Please run the command again.")
        if draft.user_id != user_id:
            raise UserError("Only the person who opened this form can use it.")
        return draft

    async def change(
        self,
        draft: Draft,
        *,
        texts: Mapping[str, str | None] | None = None,
        attached: Mapping[str, Attached | None] | None = None,
        inputs: Mapping[str, InputRef] | None = None,
        pictures: Mapping[str, PictureSource | None] | None = None,
        **others: Unpack[Others],
    ) -> Draft:
        """Put in what is new (None takes something out), on top of whatever was put in meanwhile."""
        async with self._changing:
            newest = await self.of(draft.id, draft.user_id)
            merged: dict[str, str | None] = {**newest.texts, **(texts or {})}
            shown: dict[str, PictureSource | None] = {**newest.pictures, **(pictures or {})}
            given: dict[str, Attached | None] = {**newest.attached, **(attached or {})}
            changed = replace(
                newest,
                attached={name: file for name, file in given.items() if file is not None},
                texts={name: text for name, text in merged.items() if text is not None},
                inputs={**newest.inputs, **(inputs or {})},
                pictures={name: source for name, source in shown.items() if source is not None},
                **others,
            )
            await self.keep(changed)
            return changed


_RECORD = TypeAdapter(Draft)


def inputs_in(text: str) -> tuple[InputRef, ...]:
    """Return the files attached to a draft as it is kept; none where it cannot be read."""
    try:
        return tuple(_RECORD.validate_json(text).inputs.values())
    except ValidationError:
        return ()
