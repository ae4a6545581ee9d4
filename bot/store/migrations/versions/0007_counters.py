"""What removed jobs count as against the limits of the people who asked for them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("day", sa.Float(53), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("person", "day", name="pk_counters"),
    )


def downgrade() -> None:
    op.drop_table("counters")
