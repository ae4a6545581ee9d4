"""Who may do what: guard rails, bans, the pause, blocked words, and the record of who moderated whom."""

from bot.policy.actor import Actor, Place
from bot.policy.policy import Policy
from bot.policy.ports import AuditEntry, Ban, PolicyStore
from bot.policy.rules import GuildRules, Who

__all__ = ["Actor", "AuditEntry", "Ban", "GuildRules", "Place", "Policy", "PolicyStore", "Who"]
