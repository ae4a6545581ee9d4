"""Tell the operator what happens: logs without secrets, references, and counters."""

from bot.observe.counters import Counters
from bot.observe.logs import set_up
from bot.observe.reference import new_reference
from bot.observe.secrets import redact

__all__ = ["Counters", "new_reference", "redact", "set_up"]
