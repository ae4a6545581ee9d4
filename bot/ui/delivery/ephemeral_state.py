"""What a card holds that only one person sees: without its token nobody can look at it again, or take anything from it."""

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace

from bot.jobs.model.job import Job, MessageRef
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind
from bot.ui.messages.media import Made, Page, made_as

CARD = 1
"""The number of the message that is the card; further ones are 2, 3 …"""


class EphemeralState:
    """Keeps in mind which files stand there, and which may: an edit can take effect though its answer is lost.

    Files are known by the outputs they are, not by their names, which may belong to others once the job has ended;
    one that was made smaller is still the same.
    """

    def __init__(self, job: Job, number: int = CARD) -> None:
        """Begin with what an earlier process may have put there: any file, where the job had ended, else those made.

        `number` is that of the message: the card, or a further one.
        """
        message = job.message if number == CARD else job.parts.get(number)
        earlier = message is not None and message.ephemeral
        self._astray = number in job.astray
        self._doubtful = self._astray or (earlier and job.state.is_final)
        self._perhaps = frozenset(map(made_as, job.outputs if earlier and not job.state.is_final else ()))
        self._surely = frozenset[Made]()

    @contextmanager
    def editing(self, ref: MessageRef, made: Iterable[Made | None]) -> Generator[None]:
        """Learn from an edit after which a message is to have the files of these outputs, and no others'."""
        if not ref.ephemeral:
            yield
            return
        shown = frozenset(each for each in made if each is not None)
        try:
            yield
        except DeliveryError as failure:
            if failure.fault is DeliveryErrorKind.LATER:
                self._perhaps |= shown
            raise
        except asyncio.CancelledError:
            self._perhaps |= shown
            raise
        self._surely, self._perhaps, self._doubtful = shown, frozenset[Made](), False

    def holds(self, ref: MessageRef | None, page: Page | None = None) -> bool:
        """Whether it is this message that has files, or all of the page's, for sure."""
        there = ref is not None and ref.ephemeral and bool(self._surely)
        return there and (page is None or {upload.made for upload in page.uploads} <= self._surely)

    def replaced(self) -> None:
        """Note that its files are gone: something else was seen to stand there."""
        self._surely = frozenset[Made]()

    def given_up(self) -> None:
        """Note that the earlier process had turned to another message before it ended, and knew of no files here."""
        self._doubtful = self._astray

    def turned_away(self) -> bool:
        """Note that another message is to be posted in its place; returns whether files may stand here.

        That has to be stored before: the next process finds the other message, and would take these for not sent.
        """
        self._astray = self._astray or self._doubtful or bool(self._perhaps)
        return self._astray

    def lost(self) -> None:
        """Note that it cannot be changed any more, and so is no place for what it does not have."""
        self._perhaps, self._surely = self._perhaps | self._surely, frozenset[Made]()

    def rest(self, page: Page) -> Page:
        """Return the page for another message: without the files that stand here, or may, and saying so."""
        names = tuple(each.name for each in page.uploads if self._doubtful or each.made in self._perhaps)
        if not names:
            return page
        shown = replace(
            page.shown,
            gallery=tuple(name for name in page.shown.gallery if name not in names),
            files=tuple(name for name in page.shown.files if name not in names),
            astray=names,
        )
        return Page(tuple(each for each in page.uploads if each.name not in names), shown)
