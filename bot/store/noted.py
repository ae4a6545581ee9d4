"""What is stored about a person beside profile and jobs, for that person to read."""

from sqlalchemy import or_, select

from bot.store.connection.database import Database
from bot.store.connection.transaction import transaction
from bot.store.tables import AuditRow, BanRow, FavouriteRow, JobRow, KeyValueRow, ReminderRow
from bot.users.export import Ban, Noted
from bot.users.form_drafts import FORMS


class SqlNotedStore:
    """Implements `bot.users.export.NotedStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def noted(self, user_id: int) -> Noted:
        """Return it; nothing in it names anybody else."""
        favourites = select(FavouriteRow.job_number).where(FavouriteRow.user_id == user_id)
        reminders = select(ReminderRow.job_number).where(ReminderRow.user_id == user_id)
        form = KeyValueRow.key.startswith(FORMS) & KeyValueRow.value.contains(f'"user_id":{user_id},')
        stopped = JobRow.cancel_requested_by == user_id, JobRow.user_id != user_id
        bans = select(BanRow.guild_id, BanRow.at, BanRow.reason).where(BanRow.user_id == user_id)
        acts = (
            select(AuditRow.at, AuditRow.action, AuditRow.guild_id, AuditRow.actor_id)
            .where(or_(AuditRow.actor_id == user_id, AuditRow.subject == str(user_id)))
            .order_by(AuditRow.id)
        )
        async with self._database.reading() as connection:
            return Noted(
                favourites=tuple(await connection.scalars(favourites.order_by(FavouriteRow.job_number))),
                reminders=tuple(await connection.scalars(reminders.order_by(ReminderRow.job_number))),
                forms=tuple(await connection.scalars(select(KeyValueRow.value).where(form))),
                bans=tuple(Ban(guild, at, reason) for guild, at, reason in await connection.execute(bans)),
                cancelled=tuple(await connection.scalars(select(JobRow.number).where(*stopped))),
                acts=tuple(
                    {"at": at, "action": action, "guild_id": str(guild or ""), "by_you": actor == user_id}
                    for at, action, guild, actor in await connection.execute(acts)
                ),
            )
