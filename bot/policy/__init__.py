"""Who may do what: every question about permission is answered here, one function for each, and nowhere else.

`Policy` (bans, pause and rules need a store) answers by raising `UserError` with the sentence to show:

====================== ==================================================================================
`may_use`              anything at all, in this place: guild served, person not banned
`may_generate`         a new job: `may_use`, pause, age restriction, priority, blocked words
`may_use_workflow`     a workflow that is for certain roles
`may_moderate_guild`   what acts on the whole guild: Manage Messages or Manage Server *by roles*, not banned
`may_operate`          what acts on the bot: its operators
`may_act_on_card`      a button, menu or command on one job; rights are those in the job's own channel
`may_go_on_from_file`  a file that somebody attaches, and that jobs of the guild made
`may_act_against`      a ban, or a cancel as a moderator: only of somebody who stands lower
====================== ==================================================================================

`admits` tells without raising whether a workflow is for somebody, `concerns` whether it is for anybody of a guild. Whether somebody may see a job is one rule beside the
jobs, `bot.jobs.model.visibility.sees`, which the store asks as a part of its queries; `Card.visible` is its answer.
An action that `rules.USUAL` does not name is refused to everybody: name a new one there.
`bot.ui.interactions.people` and `bot.ui.interactions.rights` read `Actor`, `Place`, `Card` and `Rank` from an interaction.
"""

from bot.policy.actor import Actor, Card, Place, Rank
from bot.policy.policy import Policy
from bot.policy.ports import AuditEntry, Ban, PolicyStore
from bot.policy.rules import GuildRules, Who

__all__ = [
    "Actor",
    "AuditEntry",
    "Ban",
    "Card",
    "GuildRules",
    "Place",
    "Policy",
    "PolicyStore",
    "Rank",
    "Who",
]
