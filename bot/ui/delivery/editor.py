"""The edits that put the final card into a message: only what is new is sent, and nothing when nothing is."""

import logging
from collections.abc import Mapping
from dataclasses import replace

import discord

from bot.jobs.model.job import MessageRef
from bot.jobs.progress.progress import Snapshot
from bot.ui.cards.buttons import UNDO, Action, job_button
from bot.ui.cards.card import card
from bot.ui.delivery.contexts import DeliveryContext
from bot.ui.delivery.ephemeral_state import EphemeralState
from bot.ui.delivery.route_selector import RouteSelector
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind
from bot.ui.messages.media import Made, Page
from bot.ui.messages.message_api import Draft, find_attachments, sorted_out

log = logging.getLogger(__name__)


class CardEditor:
    """Edits one ended job's card, and remembers what stands there."""

    def __init__(
        self,
        context: DeliveryContext,
        snapshot: Snapshot,
        selector: RouteSelector,
        private: EphemeralState,
        kept: Mapping[Made | None, discord.Attachment],
    ) -> None:
        """Make an editor; `kept` is what is attached to the card already."""
        self._context = context
        self._snapshot = snapshot
        self._selector = selector
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
        """Edit the card, unless that is how it stands already; raises `DeliveryError`.

        A private one whose token is dead stays as it is where it has all the page's files.
        """
        shown = replace(page.shown, **remarks)
        face = (ref.message_id, replace(page, shown=shown), plain)
        if face == self._face:
            return
        view = card(self._snapshot, self._context.lang, shown, now=self._context.clock.now(), plain=plain)
        draft = Draft(view, *sorted_out(page.uploads, self._kept))
        routes = self._context.routes
        edit = routes.edit_by_token if by_token else routes.edit_as_bot
        self._selector.tired = "token" if by_token else "bot"
        self._face = None  # an edit whose answer is lost may have taken effect
        attached: list[discord.Attachment] = []
        try:
            with self._private.editing(ref, (upload.made for upload in page.uploads)):
                attached = await edit(ref, draft, seconds=self._context.pace.final)
        except DeliveryError as failure:
            if failure.fault is not DeliveryErrorKind.TOKEN or not self._private.holds(ref, page):
                raise
            log.info("job %s: its card stays as it is, with all files: %s", self._context.job.id, failure)
        self._selector.tired = ""
        self._kept = find_attachments(attached, page.uploads)
        self._face = face

    async def take_back(self, ref: MessageRef, page: Page, *, plain: bool) -> None:
        """Say no more that something is missing, where the card can still be changed; raises `DeliveryError` with LATER."""
        route = self._selector.next(ref, suits_the_bot=True)
        try:
            if route in {"token", "bot"}:
                await self.show(ref, page, by_token=route == "token", plain=plain)
        except DeliveryError as failure:
            if failure.fault is DeliveryErrorKind.LATER:
                raise
            log.info("job %s: its card stays as it is: %s", self._context.job.id, failure)

    async def check(self, ref: MessageRef, *, by_token: bool) -> None:
        """Look whether the card says that its job has ended, and is not deleted; raises `DeliveryError` as an edit does.

        That is LATER where an earlier edit was carried out after the final one: the next `show` sends everything.
        """
        seen = await self._context.routes.controls(
            ref, by_token=by_token, seconds=self._context.pace.progress
        )
        earlier = (
            job_button(Action.CANCEL, self._context.job.id),
            job_button(Action.DELETE, self._context.job.id, argument=UNDO),
        )
        if any(button.custom_id in seen for button in earlier):
            self.forget()
            self._private.replaced()
            raise DeliveryError(DeliveryErrorKind.LATER, "an edit that was given up came after the final one")
