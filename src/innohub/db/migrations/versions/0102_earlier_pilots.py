"""pilots that were over before the hub knew of them

Safe while the hub runs? A new table, which the release before does not know.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0102"
down_revision: str | None = "0094"

DECISIONS = (
    "adopt", "adopt_with_conditions", "extend_once", "replicate_elsewhere", "stop_no_benefit",
    "stop_unsafe", "stop_not_deliverable", "stop_external",
)  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "earlier_pilot",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("technology_id", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("product", "supplier_name")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "question", "kpi")),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('" + "', '".join(DECISIONS) + "')",
            name=op.f("ck_earlier_pilot_decision"),
        ),
        sa.CheckConstraint("end_on > start_on", name=op.f("ck_earlier_pilot_dates")),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_earlier_pilot_force_id")
        ),
        sa.ForeignKeyConstraint(
            ["technology_id"], ["technology.id"], name=op.f("fk_earlier_pilot_technology_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_pilot")),
        sa.UniqueConstraint(
            "force_id", "reference", name=op.f("uq_earlier_pilot_force_id_reference")
        ),
    )
    op.create_index("ix_earlier_pilot_kpi_id", "earlier_pilot", ["kpi", sa.text("id DESC")])
    op.create_index(op.f("ix_earlier_pilot_technology_id"), "earlier_pilot", ["technology_id"])


def downgrade() -> None:
    op.drop_table("earlier_pilot")
