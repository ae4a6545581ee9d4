"""Messages that stayed behind in a closed place, to be cleared up by a later process too."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "leftovers",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("remove", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_leftovers"),
    )


def downgrade() -> None:
    op.drop_table("leftovers")
