"""What a card holds that only one person sees: without its token nobody can look at it again, or take anything from it."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from bot.jobs.job import MessageRef
from bot.ui.faults import Fault, RouteError
from bot.ui.media import Page, stem

log = logging.getLogger(__name__)


class PrivateCard:
    """Keeps in mind which files stand there, and which may: an edit can take effect though its answer is lost.

    `doubtful` says that an earlier process may have put any file there.
    """

    def __init__(self, *, doubtful: bool) -> None:
        self._surely: frozenset[str] = frozenset()
        self._perhaps: frozenset[str] = frozenset()
        self._doubtful = doubtful

    @contextmanager
    def editing(self, ref: MessageRef, page: Page) -> Generator[None]:
        """Learn from an edit that is to make a message show this page.

        That it stays as it is, because its token is dead, is no failure where it holds the page's files already.
        """
        if not ref.ephemeral:
            yield
            return
        try:
            yield
        except RouteError as failure:
            if failure.fault is Fault.LATER:
                self._perhaps |= _stems(page)
            if failure.fault is not Fault.TOKEN or not self.holds(ref, page):
                raise
            log.info("message %s stays as it is: %s", ref.message_id, failure)
        else:
            self._surely, self._perhaps, self._doubtful = _stems(page), frozenset(), False

    def holds(self, ref: MessageRef | None, page: Page | None = None) -> bool:
        """Whether it is this message that has files, or all of the page's, for sure."""
        there = ref is not None and ref.ephemeral and bool(self._surely)
        return there and (page is None or _stems(page) <= self._surely)

    def given_up(self) -> None:
        """Note that the earlier process had turned to another message before it ended."""
        self._doubtful = False

    def lost(self) -> None:
        """Note that it cannot be changed any more, and so is no place for what it does not have."""
        self._perhaps, self._surely = self._perhaps | self._surely, frozenset()

    def rest(self, page: Page) -> Page:
        """Return the page for another message: without the files that may stand here, and saying so."""
        astray = [each for each in page.uploads if self._doubtful or stem(each) in self._perhaps]
        if not astray:
            return page
        names = tuple(each.name for each in astray)
        shown = replace(
            page.shown,
            gallery=tuple(name for name in page.shown.gallery if name not in names),
            files=tuple(name for name in page.shown.files if name not in names),
            astray=names,
        )
        return Page(tuple(each for each in page.uploads if each not in astray), shown)


def _stems(page: Page) -> frozenset[str]:
    return frozenset(map(stem, page.uploads))
