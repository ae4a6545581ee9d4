"""What every act of a moderator asks first."""

from bot.errors import ClosedError, UserError
from bot.policy.actor import Actor
from bot.policy.ports import PolicyStore


async def moderated_guild(store: PolicyStore, actor: Actor) -> int:
    """Return the guild that the actor moderates; raises `UserError` where they do not, or are banned themselves."""
    if actor.guild_id is None:
        raise ClosedError("This works only in a server, not in direct messages.")
    if not actor.may_moderate:
        raise UserError("Only moderators can do this.")
    await refuse_banned(store, actor, actor.guild_id)
    return actor.guild_id


async def refuse_banned(store: PolicyStore, actor: Actor, guild_id: int) -> None:
    """Raise `UserError` for somebody who is banned in a guild; operators never are."""
    if not actor.operator and await store.banned(guild_id, actor.user_id):
        raise ClosedError("A moderator of this server has banned you from using this bot.")
