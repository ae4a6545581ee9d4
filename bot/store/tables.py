"""The tables, in types that SQLite and PostgreSQL share.

Times are seconds since the epoch. Seeds are text, for ComfyUI's reach to 2^64-1 and a BIGINT's does not.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KEY = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only in a column that is exactly INTEGER."""


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can name it too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class JobRow(Base):
    """A job. What is searched and counted has a column of its own; the rest is JSON."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_user_created", "user_id", "created_at"),
        Index("ix_jobs_guild_number", "guild_id", "number"),
        Index("ix_jobs_guild_channel", "guild_id", "private", "channel_id"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(KEY, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    guild_id: Mapped[int | None] = mapped_column(BigInteger)
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    """Where it was asked for; None only where that was never noted."""
    private: Mapped[bool]
    workflow: Mapped[str] = mapped_column(String(200))
    workflow_title: Mapped[str] = mapped_column(Text)
    prompt: Mapped[str] = mapped_column(Text)
    """The texts of the request, folded, for searching."""
    cost: Mapped[int] = mapped_column("weight")
    """How many pictures it counts as."""
    planned: Mapped[int]
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    resolved: Mapped[dict[str, Any]] = mapped_column(JSON)
    message: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    delivery: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Further messages, and whether no way to the person was open."""
    deletion: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Who has deleted it, and until when that may be taken back."""
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cancel_requested_by: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[float] = mapped_column(Float(53))
    started_at: Mapped[float | None] = mapped_column(Float(53))
    finished_at: Mapped[float | None] = mapped_column(Float(53), index=True)
    delivered_at: Mapped[float | None] = mapped_column(Float(53))


class RunRow(Base):
    """One prompt sent to a server for a job."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_state_finished", "state", "finished_at"),)

    prompt_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    job_number: Mapped[int] = mapped_column(KEY, ForeignKey("jobs.number", ondelete="CASCADE"), index=True)
    index: Mapped[int] = mapped_column("run_index")
    attempt: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    server: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(String(64))
    seed: Mapped[str | None] = mapped_column(String(20))
    outputs: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    submitted_at: Mapped[float | None] = mapped_column(Float(53))
    started_at: Mapped[float | None] = mapped_column(Float(53))
    finished_at: Mapped[float | None] = mapped_column(Float(53))


class CounterRow(Base):
    """What somebody's removed jobs of one day count as against their limits; who it is, only a code tells."""

    __tablename__ = "counters"

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    """An HMAC of the person's id; see `bot.store.counters`."""
    day: Mapped[float] = mapped_column(Float(53), primary_key=True)
    """When the day began."""
    pictures: Mapped[int]
    last_at: Mapped[float] = mapped_column(Float(53))
    """When the newest of them was accepted."""


class ResultRow(Base):
    """The content of a file that a job gave out."""

    __tablename__ = "results"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    job_number: Mapped[int] = mapped_column(
        KEY, ForeignKey("jobs.number", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


class FavouriteRow(Base):
    """A job among somebody's favourites."""

    __tablename__ = "favourites"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    job_number: Mapped[int] = mapped_column(
        KEY, ForeignKey("jobs.number", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    at: Mapped[float] = mapped_column("marked_at", Float(53))


class ReminderRow(Base):
    """Somebody who wants to be told when a job has ended."""

    __tablename__ = "reminders"

    job_number: Mapped[int] = mapped_column(
        KEY, ForeignKey("jobs.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    locale: Mapped[str] = mapped_column(String(16))
    direct: Mapped[bool]


class LeftoverRow(Base):
    """A message that stayed behind in a closed place. It outlives its job: what that made may still stand there."""

    __tablename__ = "leftovers"

    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    job_id: Mapped[str] = mapped_column(String(32))
    remove: Mapped[bool]
    since: Mapped[float] = mapped_column("left_at", Float(53))


class ProfileRow(Base):
    """What somebody has set for themselves, the same in every guild."""

    __tablename__ = "profiles"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    language: Mapped[str | None] = mapped_column(String(16))
    notify: Mapped[str] = mapped_column(String(16))


class DefaultsRow(Base):
    """What goes into somebody's jobs of one workflow unless they say otherwise."""

    __tablename__ = "defaults"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    workflow: Mapped[str] = mapped_column(String(200), primary_key=True)
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON)
    private: Mapped[bool]


class LeftGuildRow(Base):
    """A guild the bot is not in any more."""

    __tablename__ = "left_guilds"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    since: Mapped[float] = mapped_column("left_at", Float(53))
    """When that was noticed."""


class BanRow(Base):
    """A person who may not make pictures in a guild."""

    __tablename__ = "bans"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    by: Mapped[int] = mapped_column("by_user_id", BigInteger)
    at: Mapped[float] = mapped_column("banned_at", Float(53))
    reason: Mapped[str] = mapped_column(Text)


class FlagRow(Base):
    """A switch an operator has thrown, such as the pause."""

    __tablename__ = "flags"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class AuditRow(Base):
    """One moderation act; rows are only ever added."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_guild_id", "guild_id", "id"),)

    id: Mapped[int] = mapped_column(KEY, primary_key=True, autoincrement=True)
    at: Mapped[float] = mapped_column("acted_at", Float(53))
    actor_id: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(64))
    guild_id: Mapped[int | None] = mapped_column(BigInteger)
    subject: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)


class KeyValueRow(Base):
    """A small fact the bot wants to find again after a restart."""

    __tablename__ = "key_values"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[float | None] = mapped_column(Float(53))
