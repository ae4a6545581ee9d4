"""How much of what is kept of attached files may be one person's."""

import asyncio
import logging

from bot.errors import LaterError
from bot.jobs.files.content import ContentStore
from bot.jobs.files.retention import needed_names
from bot.jobs.model.ports import JobStore
from bot.jobs.model.request import InputRef

log = logging.getLogger(__name__)

PART = 20
"""One person's files may take one part in so many of DATA_MAX_BYTES."""
LEAST = 100 * 1024 * 1024
"""Bytes that everybody may have however small that is."""


class Share:
    """Removes a person's oldest attached files once theirs are too many; never what an unfinished job needs."""

    def __init__(self, store: JobStore, content: ContentStore, most: int) -> None:
        self._store = store
        self._content = content
        self._most = max(LEAST, most // PART)

    async def make_room(self, person: int, size: int) -> None:
        """Let a person bring so many bytes more; raises `LaterError` where their unfinished jobs need all they have.

        Raises `StoreUnavailable` as well.
        """
        theirs = await self._store.inputs_of(person)
        sizes = await asyncio.to_thread(self._sizes, theirs)
        excess = sum(sizes.values()) + size - self._most
        if excess <= 0:
            return
        needed = await needed_names(self._store)
        for ref, weight in sizes.items():
            if excess > 0 and ref.name not in needed:
                await asyncio.to_thread(self._content.remove, ref)
                excess -= weight
        if excess > 0:
            raise LaterError(
                "Your pictures already take {limit} MB here, and your unfinished jobs need them. "
                "Please wait for one to finish.",
                limit=self._most // 1_000_000,
            )

    def _sizes(self, refs: tuple[InputRef, ...]) -> dict[InputRef, int]:
        found: dict[InputRef, int] = {}
        for ref in refs:
            try:
                found[ref] = self._content.path(ref).stat().st_size
            except OSError:
                continue  # removed already
        return found
