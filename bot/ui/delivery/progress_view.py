"""What a card shows while its job goes on: composed anew for every edit, and only when there is something new."""

import json
from collections.abc import Sequence
from dataclasses import replace

import discord

from bot.i18n import Language
from bot.jobs.progress.progress import Snapshot
from bot.runtime import Clock
from bot.ui.cards.card import card
from bot.ui.cards.shown import Shown
from bot.ui.files import preview_encoder
from bot.ui.messages.media import FILES_PER_MESSAGE, Fetch, Link, Made, Page, Upload, pages
from bot.ui.messages.message_api import Draft, find_attachments, sorted_out

PREVIEW = "preview.jpg"


class ProgressFace:
    """Composes edits of one card, and remembers what it shows already.

    plain: leave the person's words out.
    kept: what is attached now, by the output it is; the preview is none.
    shows: the outputs whose files the last draft has.
    """

    def __init__(
        self, lang: Language, fetch: Fetch, link: Link, clock: Clock, *, previews: bool = True
    ) -> None:
        """Make a face; with `previews` off, what is growing is not shown even where a server sends it."""
        self.lang = lang
        self.plain = False
        self.kept: dict[Made | None, discord.Attachment] = {}
        self.shows: tuple[Made | None, ...] = ()
        self._fetch = fetch
        self._link = link
        self._clock = clock
        self._previews = previews
        self._drafted: tuple[Upload, ...] = ()
        self._previewed: bytes | None = None
        self._fingerprint = ""

    async def draft(
        self, snapshot: Snapshot, *, limit: int, restarting: bool = False, parting: bool = False
    ) -> Draft | None:
        """Compose an edit with files of at most `limit` bytes; None when it would change nothing."""
        if not self._previews:
            snapshot = replace(snapshot, preview=None)
        page = await self._so_far(snapshot, limit)
        keep, uploads = sorted_out(page.uploads, self.kept)
        shown = replace(page.shown, restarting=restarting, parting=parting)
        fresh = snapshot.preview is not None and snapshot.preview is not self._previewed
        small = await preview_encoder.preview(snapshot.preview) if fresh and snapshot.preview else None
        if small is not None:
            uploads += (Upload(PREVIEW, small, len(small), ""),)
            shown = replace(shown, preview=PREVIEW)
        elif None in self.kept and snapshot.preview is not None:
            # The one shown stays until the next one is up, so that nothing flickers.
            keep += (self.kept[None],)
            shown = replace(shown, preview=PREVIEW)
        view = card(snapshot, self.lang, shown, now=self._clock.now(), plain=self.plain)
        fingerprint = json.dumps(view.to_components(), sort_keys=True, default=str)
        if fingerprint == self._fingerprint and not uploads:
            return None
        self._fingerprint = fingerprint
        self._previewed = snapshot.preview
        self._drafted = (*page.uploads, Upload(PREVIEW, b"", 0, ""))
        self.shows = tuple(upload.made for upload in page.uploads)
        return Draft(view, keep, uploads)

    def stands(self, attached: Sequence[discord.Attachment]) -> None:
        """Note that the last draft is what the card shows now."""
        self.kept = find_attachments(attached, self._drafted)

    def unknown(self) -> None:
        """Note that nobody knows what the card shows now."""
        self._fingerprint = ""
        self._previewed = None
        self.kept = {}

    async def _so_far(self, snapshot: Snapshot, limit: int) -> Page:
        """Prepare what is finished; what cannot be had now is left for the end."""
        if not snapshot.outputs:
            return Page((), Shown())
        some = snapshot.outputs[: FILES_PER_MESSAGE - 1]
        prepared = await pages(
            snapshot.job, some, fetch=self._fetch, link=self._link, limit=limit, plain=self.plain
        )
        shown = replace(prepared[0].shown, gone=(), later=(), too_large=(), links=(), following=0)
        return Page(prepared[0].uploads, shown)
