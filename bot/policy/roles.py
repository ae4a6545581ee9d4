"""For whom a workflow is: the roles its manifest names."""

from collections.abc import Iterable

from bot.policy.actor import Actor
from bot.workflows.model.roles import BoundRole, read_role


def admits(actor: Actor, roles: Iterable[int | str]) -> bool:
    """Whether somebody may use what is for these roles: everybody where there are none, and operators always.

    A role is its id, or its name with the guild it belongs to. A name alone, which any guild could have, admits nobody.
    """
    named = tuple(roles)
    return not named or actor.operator or any(_has(actor, read_role(role)) for role in named)


def concerns(guild_id: int | None, guild_roles: frozenset[int], roles: Iterable[int | str]) -> bool:
    """Whether anybody of a guild with these roles could be one of those a workflow is for."""
    named = tuple(map(read_role, roles))
    return not named or any(
        role.guild_id == guild_id if isinstance(role, BoundRole) else role in guild_roles for role in named
    )


def _has(actor: Actor, role: int | BoundRole | None) -> bool:
    if isinstance(role, BoundRole):
        return role.guild_id == actor.guild_id and role.name in actor.role_names
    return role in actor.roles
