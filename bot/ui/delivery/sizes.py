"""What a job made, prepared for the route that is taken; smaller after every refusal."""

from pathlib import Path

from bot.jobs.model.job import JobOutput, MessageRef
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.progress.progress import Snapshot
from bot.ui.delivery.contexts import DeliveryContext
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind
from bot.ui.messages.media import Link, Page, Smaller, pages
from bot.ui.messages.message_api import DEFAULT_LIMIT

SHRINKING = (1.0, 0.5, 0.2, 0.05)
"""Parts of the usual limit that are tried, one after the other, when Discord says that a file is too large."""


class SizeLadder:
    """Prepares one job's files, and remembers what was refused."""

    def __init__(self, context: DeliveryContext, snapshot: Snapshot, link: Link, smaller: Smaller) -> None:
        self._job = context.job
        self._outputs = context.job.outputs or snapshot.outputs
        self._requester = context.job.request.requester
        self._routes = context.routes
        self._jobs = context.jobs
        self._link = link
        self._smaller = smaller
        self._refused: int | None = None
        self._chosen = 0
        self._largest = 0

    @property
    def suits_the_bot(self) -> bool:
        """Whether the bot's own messages may carry what was prepared last, where the job was asked for."""
        return self._largest <= self._usual(self._requester.guild_id)

    async def pages(self, ref: MessageRef, *, by_token: bool, plain: bool) -> tuple[Page, ...]:
        """Prepare everything for this route, smaller than what was refused; only links and names if nothing is small enough.

        Raises `DeliveryError` with LATER when nobody can look now where the files are.
        """
        limit = self._chosen = self._choose(ref, by_token=by_token)
        parts = await pages(
            self._job,
            self._outputs,
            fetch=self._fetch,
            link=self._link,
            smaller=self._smaller,
            limit=limit,
            plain=plain,
        )
        self._largest = max((item.size for part in parts for item in part.uploads), default=0)
        return parts

    def refuse(self) -> bool:
        """Note that Discord found too large what was prepared last; returns whether something smaller can be tried."""
        if self._chosen:
            self._refused = self._chosen
        return bool(self._chosen)

    def _choose(self, ref: MessageRef, *, by_token: bool) -> int:
        in_guild = ref.channel_id == self._requester.channel_id
        usual = self._usual(self._requester.guild_id if in_guild else None)
        steps = [int(usual * share) for share in SHRINKING]
        if by_token:
            steps.insert(0, self._routes.limit_by_token(ref, self._requester.guild_id))
        return next((step for step in steps if self._refused is None or step < self._refused), 0)

    def _usual(self, guild_id: int | None) -> int:
        return self._routes.limit(guild_id) or DEFAULT_LIMIT

    async def _fetch(self, output: JobOutput) -> Path:
        try:
            return await self._jobs.fetch(output, job_id=self._job.id)
        except StoreUnavailable as error:
            # Neither the file's fault nor the route's: however long it lasts, nothing is given up for that.
            raise DeliveryError(DeliveryErrorKind.LATER, f"the database does not answer ({error})") from error
