"""what a protocol assumes, and why a grade was lowered

Safe while the hub runs? Columns without a default, or with a constant one, which the previous release
does not read.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0027"
down_revision: str | None = "0026"

ASSUMED = ("overdispersion", "design_effect", "before_after_correlation")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ASSUMED:
        op.add_column("protocol", sa.Column(name, sa.Float(), nullable=True))
    op.add_column(
        "protocol",
        sa.Column(
            "baseline_counts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
    )
    op.add_column("result", sa.Column("grade_reason", sa.Text(), nullable=True))
    op.add_column("result", sa.Column("grade_note", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_result_grade_lowered"), "result", "(grade_reason IS NULL) = (grade_note IS NULL)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_result_grade_lowered"), "result", type_="check")
    op.drop_column("result", "grade_note")
    op.drop_column("result", "grade_reason")
    op.drop_column("protocol", "baseline_counts")
    for name in reversed(ASSUMED):
        op.drop_column("protocol", name)
