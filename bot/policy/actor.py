"""Who acts, on what and where: all that a rule may look at. Values only; `bot.ui` reads them from Discord."""

from dataclasses import dataclass

NO_ROLE = (-1, 0)
"""Lower than every role there is."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Rank:
    """How high somebody stands in a guild. Only whoever stands higher may act against another."""

    operator: bool = False
    owner: bool = False
    """The guild is theirs."""
    role: tuple[int, int] = NO_ROLE
    """Position of the highest role, and minus its id: of two roles at one position the older one is higher."""
    moderator: bool = False
    """Decides between people with the same highest role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person with the rights their roles give them on the whole guild, whatever a channel says.

    Moderator is Manage Messages, admin Manage Server, operator the application's owner or an accepted admin or
    developer of its team.
    """

    user_id: int
    guild_id: int | None
    moderator: bool = False
    admin: bool = False
    operator: bool = False
    owner: bool = False
    """The guild is theirs."""
    top_role: tuple[int, int] = NO_ROLE
    """As in `Rank`."""
    roles: frozenset[int] = frozenset()
    role_names: frozenset[str] = frozenset()
    """What the same roles are called."""

    @property
    def may_moderate(self) -> bool:
        """Whether the person may moderate others in the whole guild."""
        return self.moderator or self.admin or self.operator

    @property
    def rank(self) -> Rank:
        """How high the person stands in the guild."""
        return Rank(operator=self.operator, owner=self.owner, role=self.top_role, moderator=self.may_moderate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel; `nsfw` is Discord's age restriction."""

    guild_id: int | None
    channel_id: int
    nsfw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A job as rules look at it: whose it is, and what the actor may do in the channel it was asked for in.

    That channel counts, not the one where a button or a panel of it is pressed.
    """

    owner: int
    guild_id: int | None
    private: bool = False
    visible: bool = False
    """Whether the actor may see the job; see `bot.jobs.model.visibility`."""
    moderated: bool = False
    """Whether the actor has Manage Messages in its channel now."""
