"""Which files jobs, and forms that were begun, still have."""

import re
from collections.abc import Set
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.model.request import InputRef
from bot.store.tables import JobRow, KeyValueRow, RunRow

_FIELD = "sha256"
_NAMED = re.compile(rf'"{_FIELD}": ?"([0-9a-f]{{64}})"')
_AT_ONCE = 500
MOST_JOBS = 2000
"""A person's newest jobs with files that are looked at: older files are long gone from a share of its size."""


async def in_use(connection: AsyncConnection, sha256s: Set[str]) -> frozenset[str]:
    """Return which of these files any job has, attached or made, or any form; reads everything once, bit by bit."""
    found: set[str] = set()
    for column in (cast(JobRow.request, Text), cast(RunRow.outputs, Text), KeyValueRow.value):
        naming = select(column).where(column.contains(_FIELD)).execution_options(yield_per=_AT_ONCE)
        async for texts in (await connection.stream_scalars(naming)).partitions():
            found.update(sha256s & set(_NAMED.findall("".join(texts))))
    return frozenset(found)


async def inputs_of(connection: AsyncConnection, user_id: int) -> tuple[InputRef, ...]:
    """Return the files that a person's jobs have as inputs, each once, the longest unused first."""
    text = cast(JobRow.request, Text)
    statement = (
        select(JobRow.request)
        .where(JobRow.user_id == user_id, text.contains(_FIELD))
        .order_by(JobRow.number.desc())
        .limit(MOST_JOBS)
    )
    requests: list[dict[str, Any]] = list(await connection.scalars(statement))
    newest_first = [InputRef(**ref) for request in requests for ref in request.get("inputs", {}).values()]
    return tuple(reversed(dict.fromkeys(newest_first)))
