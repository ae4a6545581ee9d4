"""How large a file may be by the route that is taken; less after every refusal."""

from bot.jobs.job import Job, MessageRef
from bot.ui.routes import DEFAULT_LIMIT, Routes

SHRINKING = (1.0, 0.5, 0.2, 0.05)
"""Parts of the usual limit that are tried, one after the other, when Discord says that a file is too large."""


class SizeLadder:
    """Remembers what was refused for one job."""

    def __init__(self, job: Job, routes: Routes) -> None:
        self._requester = job.request.requester
        self._routes = routes
        self._refused: int | None = None
        self._chosen = 0

    @property
    def usual(self) -> int:
        """What the bot's own messages may carry where the job was asked for."""
        return self._routes.limit(self._requester.guild_id) or DEFAULT_LIMIT

    def choose(self, ref: MessageRef, *, by_token: bool) -> int:
        """Return how large a file may be on this route, less than what was refused before; 0 if nothing is left."""
        in_guild = ref.channel_id == self._requester.channel_id
        usual = self.usual if in_guild else self._routes.limit(None) or DEFAULT_LIMIT
        steps = [int(usual * share) for share in SHRINKING]
        if by_token:
            steps.insert(0, self._routes.limit_by_token(ref, self._requester.guild_id))
        self._chosen = next((step for step in steps if self._refused is None or step < self._refused), 0)
        return self._chosen

    def refuse(self) -> bool:
        """Note that Discord found too large what was chosen last; returns whether something smaller can be tried."""
        if self._chosen:
            self._refused = self._chosen
        return bool(self._chosen)
