"""When a small fact may be forgotten, such as a form somebody never sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("key_values", sa.Column("expires_at", sa.Float(53), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("key_values") as table:
        table.drop_column("expires_at")
