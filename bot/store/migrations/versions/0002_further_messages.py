"""Further messages of a job, and whether its result could not be brought to the person."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("delivery", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "delivery")
