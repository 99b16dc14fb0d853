"""KPIs that forces propose

Safe while the hub runs? A table of its own, which the previous release does not know.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0036"
down_revision: str | None = "0035"


def upgrade() -> None:
    op.create_table(
        "local_kpi",
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("direction", sa.String(40), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("kpi", sa.Text(), nullable=True),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused')", name=op.f("ck_local_kpi_state")
        ),
        sa.CheckConstraint(
            "type IN ('proportion', 'count_rate', 'mean')", name=op.f("ck_local_kpi_type")
        ),
        sa.CheckConstraint(
            "direction IN ('higher_is_better', 'lower_is_better', 'target_band')",
            name=op.f("ck_local_kpi_direction"),
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (kpi IS NOT NULL)", name=op.f("ck_local_kpi_approved")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_local_kpi_decided")
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR decision_reason IS NOT NULL", name=op.f("ck_local_kpi_refused")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_local_kpi_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_local_kpi_force_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["person.id"], name=op.f("fk_local_kpi_proposed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_kpi")),
        sa.UniqueConstraint("kpi", name=op.f("uq_local_kpi_kpi")),
    )
    op.create_index(op.f("ix_local_kpi_force_id"), "local_kpi", ["force_id"])


def downgrade() -> None:
    # Pilots may measure what was approved: the entries stay in the dictionary.
    op.drop_table("local_kpi")
