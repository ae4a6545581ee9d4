"""Which attached files jobs, and forms that were begun, still have."""

import re
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.request import InputRef
from bot.store.tables import JobRow, KeyValueRow

_FIELD = "sha256"
_NAMED = re.compile(rf'"{_FIELD}": ?"([0-9a-f]{{64}})"')
MOST_JOBS = 2000
"""A person's newest jobs with files that are looked at: older files are long gone from a share of its size."""


async def all_inputs(connection: AsyncConnection) -> frozenset[str]:
    """Return the SHA-256 of every file that any job or any form has as an input."""
    found: set[str] = set()
    for column in (cast(JobRow.request, Text), KeyValueRow.value):
        for text in await connection.scalars(select(column).where(column.contains(_FIELD))):
            found.update(_NAMED.findall(text))
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
