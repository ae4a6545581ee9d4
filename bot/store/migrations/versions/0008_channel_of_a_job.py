"""The channel a job was asked for in as a column of its own: who may see a job is a part of what is searched for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INDEX = "ix_jobs_guild_channel"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("channel_id", sa.BigInteger(), nullable=True))
    jobs = sa.table("jobs", sa.column("channel_id", sa.BigInteger()), sa.column("request", sa.JSON()))
    asked_in = sa.cast(jobs.c.request["channel_id"].as_string(), sa.BigInteger())
    op.execute(jobs.update().values(channel_id=asked_in))
    op.create_index(INDEX, "jobs", ["guild_id", "private", "channel_id"])


def downgrade() -> None:
    op.drop_index(INDEX, "jobs")
    op.drop_column("jobs", "channel_id")
