"""Who acts, and where: all that a rule may look at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person with the rights they have where they act.

    Moderator is Manage Messages, admin Manage Server, operator the application's owner or team.
    """

    user_id: int
    guild_id: int | None
    moderator: bool = False
    admin: bool = False
    operator: bool = False

    @property
    def may_moderate(self) -> bool:
        """Whether the person may moderate others here."""
        return self.moderator or self.admin or self.operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel; `nsfw` is Discord's age restriction."""

    guild_id: int | None
    channel_id: int
    nsfw: bool = False
