"""The database: tables, migrations, and the stores that jobs and policy ask for."""

from bot.store.connection.database import Database
from bot.store.connection.instance_lock import instance_lock
from bot.store.guilds import SqlGuildStore
from bot.store.jobs import SqlJobStore
from bot.store.keyvalue import SqlKeyValues
from bot.store.leftovers import SqlLeftoverStore
from bot.store.marks import SqlMarkStore
from bot.store.noted import SqlNotedStore
from bot.store.policy import SqlPolicyStore
from bot.store.profiles import SqlProfileStore
from bot.store.results import SqlResultStore

__all__ = [
    "Database",
    "SqlGuildStore",
    "SqlJobStore",
    "SqlKeyValues",
    "SqlLeftoverStore",
    "SqlMarkStore",
    "SqlNotedStore",
    "SqlPolicyStore",
    "SqlProfileStore",
    "SqlResultStore",
    "instance_lock",
]
