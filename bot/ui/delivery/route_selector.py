"""Which routes are left for a card: what was learnt of each, and which is next."""

from collections import Counter

from bot.jobs.model.job import MessageRef
from bot.ui.delivery.contexts import DeliveryContext
from bot.ui.delivery_errors import GONE, DeliveryErrorKind

MOST_SURPRISES = 3
"""How often something that nobody foresaw may happen on one route before another one is taken."""


class RouteSelector:
    """Token, then the bot's own edit, then a new message, then a direct one.

    A private card never reaches the channel, and one that somebody deleted there is not put there again.
    """

    def __init__(self, context: DeliveryContext, *, token_dead: bool) -> None:
        self._context = context
        self._closed: set[str] = {"token"} if token_dead else set()
        self._surprises: Counter[str] = Counter()
        self.gone = False
        """Whether somebody has removed the message that the card was."""
        self.deleted = context.job.card_deleted
        """Whether somebody has removed a card of this job from its channel, ever."""
        self.tired = ""
        """The route of an edit that was not answered well."""

    def next(self, ref: MessageRef | None, *, suits_the_bot: bool, held: bool = False) -> str | None:
        """Return the route to try now for the card that stands in `ref`; None when none is left.

        `held` says that it is a private one which holds its files: that is not left, even if it stays as it is.
        """
        if held:
            return "token"
        wanted = not self._context.known
        possible = {
            "token": self._token_alive(ref),
            "bot": ref is not None and ref.message_id is not None and not ref.ephemeral,
            "new": not self._context.job.request.private and wanted and not self.deleted,
            "direct": wanted,
        }
        selector = [name for name, is_open in possible.items() if is_open and name not in self._closed]
        if selector[:2] == ["token", "bot"] and self.tired == "token" and suits_the_bot:
            # The same message by the other way: what is wrong with one may not be wrong with both.
            return "bot"
        return selector[0] if selector else None

    def can_edit(self, ref: MessageRef | None) -> bool:
        """Whether a card may still be changed there, as far as anybody knows."""
        if ref is None:
            return False
        return not ref.ephemeral or ("token" not in self._closed and self._token_alive(ref))

    def _token_alive(self, ref: MessageRef | None) -> bool:
        if ref is None or ref.token is None:
            return False
        return ref.token_expires - self._context.clock.now() > self._context.pace.token_margin

    def learn(self, route: str, fault: DeliveryErrorKind, ref: MessageRef | None) -> None:
        """Take in that a route is refused for good, to the card that stands in `ref`."""
        self.gone = self.gone or fault in GONE
        # Where nobody heard its id, it may never have been there.
        known = ref is not None and ref.message_id is not None and route != "direct"
        self.deleted = self.deleted or (fault is DeliveryErrorKind.MESSAGE and known)
        both = fault is DeliveryErrorKind.MESSAGE and route in {"token", "bot"}
        self._closed |= {"token", "bot"} if both else {route}

    def surprised(self, route: str) -> bool:
        """Count something unforeseen; returns whether the route is worth another attempt."""
        self._surprises[route] += 1
        if self._surprises[route] < MOST_SURPRISES:
            return True
        self._closed.add(route)
        return False

    def moved(self, route: str) -> None:
        """Take in that the card is now a message that was sent by this route."""
        self.gone = False
        self._closed -= {"bot"}
        self._closed |= {"token", route}
