"""What is stored about a person beside their jobs, and its removal."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.model.ports import Derived
from bot.jobs.model.request import JobId
from bot.store.tables import (
    AuditRow,
    BanRow,
    DefaultsRow,
    FavouriteRow,
    JobRow,
    KeyValueRow,
    ProfileRow,
    ReminderRow,
)
from bot.users.form_drafts import FORMS

NOBODY = 0
"""Stands for somebody who was forgotten; Discord gives nobody this id."""
_AT_ONCE = 500


async def forget_person(connection: AsyncConnection, user_id: int) -> tuple[str, ...]:
    """Remove settings, marks and forms begun, which are returned, and put nobody in the person's place elsewhere.

    A ban stays: it keeps the person out. Their jobs are removed elsewhere.
    """
    begun = KeyValueRow.key.startswith(FORMS) & KeyValueRow.value.contains(f'"user_id":{user_id},')
    forms = tuple(await connection.scalars(select(KeyValueRow.value).where(begun)))
    await connection.execute(delete(KeyValueRow).where(begun))
    for table in (ProfileRow, DefaultsRow, FavouriteRow, ReminderRow):
        await connection.execute(delete(table).where(table.user_id == user_id))
    stopped = update(JobRow).where(JobRow.cancel_requested_by == user_id, JobRow.user_id != user_id)
    await connection.execute(stopped.values(cancel_requested_by=NOBODY))
    await connection.execute(update(BanRow).where(BanRow.by == user_id).values(by=NOBODY))
    await _leave_audit(connection, user_id)
    return forms


async def _leave_audit(connection: AsyncConnection, user_id: int) -> None:
    acted = update(AuditRow).where(AuditRow.actor_id == user_id)
    await connection.execute(acted.values(actor_id=NOBODY))
    name, nobody = str(user_id), str(NOBODY)
    await connection.execute(update(AuditRow).where(AuditRow.subject == name).values(subject=nobody))
    told = update(AuditRow).where(AuditRow.detail.contains(name))
    await connection.execute(told.values(detail=func.replace(AuditRow.detail, name, nobody)))


@dataclass(slots=True)
class _Derivation:
    """Goes through jobs, oldest first, and tells which were made from a person's pictures, also at second hand."""

    made: set[int]
    """Numbers of the person's jobs, and of those that only repeat their words."""
    own: frozenset[int]

    def take(self, number: int, job_id: str, request: dict[str, Any]) -> Derived | None:
        origin: dict[str, Any] = request.get("origin") or {}
        if origin.get("job") not in self.made:
            return None
        if not request["values"].get("prompt"):
            self.made.add(number)
        return Derived(JobId(job_id), direct=origin["job"] in self.own)


async def derived_from(connection: AsyncConnection, user_id: int) -> tuple[Derived, ...]:
    """Return others' jobs that were made from a person's."""
    own = frozenset(await connection.scalars(select(JobRow.number).where(JobRow.user_id == user_id)))
    if not own:
        return ()
    going_on = cast(JobRow.request, Text).contains('"origin"')
    statement = (
        select(JobRow.number, JobRow.id, JobRow.request)
        .where(JobRow.user_id != user_id, JobRow.number > min(own), going_on)
        .order_by(JobRow.number)
        .limit(_AT_ONCE)
    )
    derivation, found, last = _Derivation(set(own), own), list[Derived](), 0
    while rows := (await connection.execute(statement.where(JobRow.number > last))).all():
        for number, job_id, request in rows:
            if (derived := derivation.take(number, job_id, request)) is not None:
                found.append(derived)
            last = number
    return tuple(found)
