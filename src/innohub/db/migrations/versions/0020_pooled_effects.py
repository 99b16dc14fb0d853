"""pooled effects, and who measured a trial's effect

Safe while the hub runs? New tables, and a column with a default that the previous release does not
read. Pooled effects come with the next published result; `innohub evidence pool` makes them at once.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0020"
down_revision: str | None = "0019"

VERDICTS = (
    "worked", "promising", "inconclusive", "didnt_work", "harmful", "not_assessable",
    "stopped_early", "overdue_unreported",
)  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "pilot",
        sa.Column("evaluated_by", sa.String(length=40), server_default="force", nullable=False),
    )
    op.create_check_constraint(
        "evaluated_by", "pilot", "evaluated_by IN ('force', 'supplier', 'independent')"
    )
    op.create_table(
        "pooled_effect",
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("grade_at_least", sa.BigInteger(), nullable=False),
        sa.Column("independent_only", sa.Boolean(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("trial_count", "independent_count", "best_grade")
        ),
        *(
            sa.Column(name, sa.Float(), nullable=False)
            for name in ("effect", "lower", "upper", "p_value")
        ),
        *(
            sa.Column(name, sa.Float(), nullable=True)
            for name in (
                "prediction_lower",
                "prediction_upper",
                "q",
                "q_p_value",
                "i_squared",
                "tau_squared",
                "minimum_important_effect",
            )
        ),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("models", postgresql.JSONB(), nullable=False),
        sa.Column("pooled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "lower <= effect AND effect <= upper", name=op.f("ck_pooled_effect_interval")
        ),
        sa.CheckConstraint(f"verdict IN {VERDICTS}", name=op.f("ck_pooled_effect_verdict")),
        sa.ForeignKeyConstraint(
            ["technology_id"], ["technology.id"], name=op.f("fk_pooled_effect_technology_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pooled_effect")),
        sa.UniqueConstraint(
            "technology_id",
            "kpi",
            "grade_at_least",
            "independent_only",
            name=op.f("uq_pooled_effect_view"),
        ),
    )
    op.create_table(
        "pooled_trial",
        sa.Column("pooled_effect_id", sa.BigInteger(), nullable=False),
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("result_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Float(), nullable=True)
            for name in (
                "weight",
                "effect",
                "lower",
                "upper",
                "effect_without",
                "lower_without",
                "upper_without",
            )
        ),
        sa.Column("excluded_because", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(weight IS NULL) = (excluded_because IS NOT NULL)",
            name=op.f("ck_pooled_trial_pooled_or_not"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_pooled_trial_{table}_id")
            )
            for table in ("pooled_effect", "technology", "result")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pooled_trial")),
        sa.UniqueConstraint(
            "pooled_effect_id", "result_id", name=op.f("uq_pooled_trial_pooled_effect_id_result_id")
        ),
    )
    op.create_index(op.f("ix_pooled_trial_result_id"), "pooled_trial", ["result_id"])


def downgrade() -> None:
    op.drop_table("pooled_trial")
    op.drop_table("pooled_effect")
    op.drop_column("pilot", "evaluated_by")
