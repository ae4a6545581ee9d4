"""The edits that put the final card into a message: only what is new is sent, and nothing when nothing is."""

import logging
from collections.abc import Mapping
from dataclasses import replace

import discord

from bot.jobs.job import MessageRef
from bot.jobs.progress import Snapshot
from bot.ui.card import card
from bot.ui.faults import Fault, RouteError
from bot.ui.means import Means
from bot.ui.media import Made, Page
from bot.ui.private import PrivateCard
from bot.ui.routes import Draft, find_attachments, sorted_out
from bot.ui.ways import Ways

log = logging.getLogger(__name__)


class CardEditor:
    """Edits one ended job's card, and remembers what stands there."""

    def __init__(
        self,
        means: Means,
        snapshot: Snapshot,
        ways: Ways,
        private: PrivateCard,
        kept: Mapping[Made | None, discord.Attachment],
    ) -> None:
        """Make an editor; `kept` is what is attached to the card already."""
        self._means = means
        self._snapshot = snapshot
        self._ways = ways
        self._private = private
        self._kept = kept
        self._face: tuple[int | None, Page, bool] | None = None

    def forget(self) -> None:
        """Note that nobody knows what the card shows now, or that another message is the card."""
        self._kept = {}
        self._face = None

    async def show(
        self, ref: MessageRef, page: Page, *, by_token: bool, plain: bool, **remarks: tuple[str, ...]
    ) -> None:
        """Edit the card, unless that is how it stands already; raises `RouteError`.

        A private one whose token is dead stays as it is where it has all the page's files.
        """
        shown = replace(page.shown, **remarks)
        face = (ref.message_id, replace(page, shown=shown), plain)
        if face == self._face:
            return
        view = card(self._snapshot, self._means.lang, shown, now=self._means.clock.now(), plain=plain)
        draft = Draft(view, *sorted_out(page.uploads, self._kept))
        routes = self._means.routes
        edit = routes.edit_by_token if by_token else routes.edit_as_bot
        self._ways.tired = "token" if by_token else "bot"
        self._face = None  # an edit whose answer is lost may have taken effect
        attached: list[discord.Attachment] = []
        try:
            with self._private.editing(ref, (upload.made for upload in page.uploads)):
                attached = await edit(ref, draft, seconds=self._means.pace.final)
        except RouteError as failure:
            if failure.fault is not Fault.TOKEN or not self._private.holds(ref, page):
                raise
            log.info("job %s: its card stays as it is, with all files: %s", self._means.job.id, failure)
        self._ways.tired = ""
        self._kept = find_attachments(attached, page.uploads)
        self._face = face
