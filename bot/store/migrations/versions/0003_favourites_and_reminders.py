"""What people mark jobs with: favourites, and the wish to be told of the end."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "favourites",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("job_number", KEY, autoincrement=False, nullable=False),
        sa.Column("marked_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "job_number", name="pk_favourites"),
        sa.ForeignKeyConstraint(
            ["job_number"], ["jobs.number"], name="fk_favourites_job_number", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_favourites_job_number", "favourites", ["job_number"])
    op.create_table(
        "reminders",
        sa.Column("job_number", KEY, autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job_number", "user_id", name="pk_reminders"),
        sa.ForeignKeyConstraint(
            ["job_number"], ["jobs.number"], name="fk_reminders_job_number", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("reminders")
    op.drop_table("favourites")
