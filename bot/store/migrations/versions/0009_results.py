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
    _fill(op.get_bind(), results)


def _fill(connection: sa.Connection, results: sa.Table) -> None:
    """Note the copies of results that are known already, those of some jobs at a time."""
    runs = sa.table("runs", sa.column("job_number", sa.BigInteger()), sa.column("outputs", sa.JSON()))
    newest = connection.scalar(sa.select(sa.func.max(runs.c.job_number))) or 0
    for start in range(0, newest + 1, AT_ONCE):
        some = sa.select(runs.c.job_number, runs.c.outputs).where(
            runs.c.job_number.between(start, start + AT_ONCE - 1)
        )
        known = {
            (each["kept"]["sha256"], number)
            for number, outputs in connection.execute(some)
            for each in outputs or ()
            if each.get("kept")
        }
        if known:
            rows = [{"sha256": sha256, "job_number": number} for sha256, number in sorted(known)]
            connection.execute(sa.insert(results), rows)


def downgrade() -> None:
    op.drop_table("results")
