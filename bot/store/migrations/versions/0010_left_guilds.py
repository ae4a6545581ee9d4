"""Servers that the bot was removed from, and since when."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "left_guilds",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("left_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_left_guilds"),
    )


def downgrade() -> None:
    op.drop_table("left_guilds")
