"""Transactions that come to their end whatever becomes of whoever waits for them."""

import asyncio
import functools
from collections.abc import Callable
from contextlib import suppress
from types import CoroutineType
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.jobs.model.ports import StoreUnavailable

TRANSACTION = "transaction"
"""What the tasks are called in which transactions come to their end."""

P = ParamSpec("P")
T = TypeVar("T")


def transaction(
    method: "Callable[P, CoroutineType[Any, Any, T]]",
) -> "Callable[P, CoroutineType[Any, Any, T]]":  # quoted: before Python 3.13 the type takes no parameters
    """Let a transaction come to its end even if whoever waits for it is cancelled; the cancellation waits so long.

    Cut off in the middle, SQLite's driver may leave a connection behind that holds the lock for ever.
    Raises `StoreUnavailable` where the database does not do what it is asked for reasons of its own.
    """

    @functools.wraps(method)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        task = asyncio.ensure_future(method(*args, **kwargs))
        task.set_name(TRANSACTION)
        try:
            return await asyncio.shield(task)
        except (OperationalError, InterfaceError, DisconnectionError, PoolTimeout, OSError) as error:
            raise StoreUnavailable(type(error).__name__) from error
        except asyncio.CancelledError:
            while not task.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # seen: who waited for it has other things to do by now
            raise

    return wrapper
