"""What jobs gave out, by its content, so that a result is known again when somebody attaches it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

AT_ONCE = 1000


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    results = op.create_table(
        "results",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("job_number", key, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["job_number"], ["jobs.number"], name="fk_results_job_number", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", "job_number", name="pk_results"),
    )
    op.create_index("ix_results_job_number", "results", ["job_number"])
    runs = sa.table("runs", sa.column("job_number", sa.BigInteger()), sa.column("outputs", sa.JSON()))
    connection = op.get_bind()
    known: set[tuple[str, int]] = set()
    for number, outputs in connection.execute(sa.select(runs.c.job_number, runs.c.outputs)):
        known.update((each["kept"]["sha256"], number) for each in outputs or () if each.get("kept"))
    rows = [{"sha256": sha256, "job_number": number} for sha256, number in sorted(known)]
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(sa.insert(results), rows[start : start + AT_ONCE])


def downgrade() -> None:
    op.drop_table("results")
