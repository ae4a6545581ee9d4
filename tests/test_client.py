"""Who runs the bot, of an application's team."""

from typing import Any, cast

import discord

from bot.client import operators

ACCEPTED, INVITED = 2, 1


def member(user_id: int, role: str, state: int = ACCEPTED) -> dict[str, Any]:
    user = {"id": str(user_id), "username": f"u{user_id}", "discriminator": "0", "avatar": None}
    return {"membership_state": state, "role": role, "permissions": ["*"], "user": user}


def test_accepted_admins_and_developers_of_the_team_run_the_bot_and_its_owner() -> None:
    members = [
        member(1, "admin"),
        member(2, "developer"),
        member(3, "read_only"),
        member(4, "admin", INVITED),
        member(5, "developer", INVITED),
        member(6, "something new"),
        member(7, "read_only"),
    ]
    data = {"id": "9", "name": "team", "icon": None, "owner_user_id": "7", "members": members}
    team = discord.Team(cast("Any", None), cast("Any", data))
    assert operators(team) == {1, 2, 7}
