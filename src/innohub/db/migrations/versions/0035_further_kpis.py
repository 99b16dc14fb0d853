"""further KPIs of a protocol

Safe while the hub runs? Two new tables, and columns that the previous release does not know: each
may be empty or has a default, but for the grade of a pooled trial. Until it is replaced, the
previous release cannot pool anew: a publication fails as a whole and is tried again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0035"
down_revision: str | None = "0034"

OF_OUTCOME = ("trial_dataset", "trial_upload")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _outcomes()
    _effects()
    for table in OF_OUTCOME:
        op.add_column(table, sa.Column("outcome_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_outcome_id_protocol_outcome"),
            table,
            "protocol_outcome",
            ["outcome_id"],
            ["id"],
        )
    empty = sa.text("'{}'")
    op.add_column(
        "result",
        sa.Column("breaches", postgresql.ARRAY(sa.Text()), server_default=empty, nullable=False),
    )
    op.add_column(
        "pooled_trial", sa.Column("role", sa.Text(), server_default="primary", nullable=False)
    )
    op.add_column("pooled_trial", sa.Column("grade", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE pooled_trial SET grade = result.grade FROM result WHERE result.id = result_id"
    )
    op.alter_column("pooled_trial", "grade", nullable=False)


def _outcomes() -> None:
    op.create_table(
        "protocol_outcome",
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("kpi_type", sa.Text(), nullable=False),
        sa.Column("direction", sa.String(40), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("design", sa.Text(), nullable=False),
        sa.Column("minimum_important_effect", sa.Float(), nullable=True),
        sa.Column("limit_low", sa.Float(), nullable=True),
        sa.Column("limit_high", sa.Float(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('secondary', 'safety_harm', 'equality')",
            name=op.f("ck_protocol_outcome_role"),
        ),
        sa.CheckConstraint(
            "direction IN ('higher_is_better', 'lower_is_better', 'target_band')",
            name=op.f("ck_protocol_outcome_direction"),
        ),
        sa.CheckConstraint(
            "minimum_important_effect > 0",
            name=op.f("ck_protocol_outcome_minimum_important_effect"),
        ),
        sa.CheckConstraint(
            "(role = 'equality') = (population <> '')",
            name=op.f("ck_protocol_outcome_population"),
        ),
        sa.CheckConstraint(
            "CASE role WHEN 'secondary' THEN coalesce(limit_low, limit_high) IS NULL "
            "WHEN 'safety_harm' THEN coalesce(limit_low, limit_high) IS NOT NULL ELSE true END",
            name=op.f("ck_protocol_outcome_limits"),
        ),
        sa.ForeignKeyConstraint(
            ["pilot_id"], ["pilot.id"], name=op.f("fk_protocol_outcome_pilot_id_pilot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_outcome")),
        sa.UniqueConstraint(
            "pilot_id",
            "kpi",
            "population",
            name=op.f("uq_protocol_outcome_pilot_id_kpi_population"),
        ),
    )


def _effects() -> None:
    op.create_table(
        "outcome_effect",
        sa.Column("result_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome_id", sa.BigInteger(), nullable=False),
        sa.Column("dataset_id", sa.BigInteger(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=True),
        sa.Column("effect", sa.Float(), nullable=True),
        sa.Column("lower", sa.Float(), nullable=True),
        sa.Column("upper", sa.Float(), nullable=True),
        sa.Column("p_value", sa.Float(), nullable=True),
        sa.Column("sample_size", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("grade", sa.BigInteger(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("notes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secondary", postgresql.JSONB(), nullable=False),
        sa.Column("breach", sa.Text(), nullable=True),
        sa.Column("inputs_hash", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "num_nulls(scale, effect, lower, upper) IN (0, 4)", name=op.f("ck_outcome_effect_whole")
        ),
        sa.CheckConstraint(
            "lower <= effect AND effect <= upper", name=op.f("ck_outcome_effect_interval")
        ),
        sa.CheckConstraint("grade BETWEEN 0 AND 5", name=op.f("ck_outcome_effect_grade")),
        sa.ForeignKeyConstraint(
            ["dataset_id"],
            ["trial_dataset.id"],
            name=op.f("fk_outcome_effect_dataset_id_trial_dataset"),
        ),
        sa.ForeignKeyConstraint(
            ["outcome_id"],
            ["protocol_outcome.id"],
            name=op.f("fk_outcome_effect_outcome_id_protocol_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_outcome_effect_result_id_result")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_effect")),
        sa.UniqueConstraint(
            "result_id", "outcome_id", name=op.f("uq_outcome_effect_result_id_outcome_id")
        ),
    )
    op.create_index(op.f("ix_outcome_effect_outcome_id"), "outcome_effect", ["outcome_id"])


def downgrade() -> None:
    op.drop_column("pooled_trial", "grade")
    op.drop_column("pooled_trial", "role")
    op.drop_column("result", "breaches")
    op.execute("DELETE FROM outcome_effect")
    op.drop_table("outcome_effect")
    for table in OF_OUTCOME:
        op.drop_constraint(
            op.f(f"fk_{table}_outcome_id_protocol_outcome"), table, type_="foreignkey"
        )
    # Their data would count as the primary KPI's.
    op.execute("DELETE FROM trial_dataset WHERE outcome_id IS NOT NULL")
    op.execute("DELETE FROM trial_upload WHERE outcome_id IS NOT NULL")
    for table in OF_OUTCOME:
        op.drop_column(table, "outcome_id")
    op.drop_table("protocol_outcome")
