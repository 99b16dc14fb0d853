"""cost and benefit

Safe while the hub runs? A table of its own, which the previous release does not know.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0030"
down_revision: str | None = "0029"


def upgrade() -> None:
    op.create_table(
        "appraisal",
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("price_year", sa.BigInteger(), nullable=False),
        sa.Column("optimism_bias_percent", sa.Numeric(6, 2), nullable=False),
        sa.Column("years", postgresql.JSONB(), nullable=False),
        sa.Column("assumptions", sa.Text(), nullable=False),
        sa.Column("cost_pence", sa.BigInteger(), nullable=False),
        sa.Column("cashable_pence", sa.BigInteger(), nullable=False),
        sa.Column("non_cashable_pence", sa.BigInteger(), nullable=False),
        sa.Column("benefit_cost_ratio", sa.Float(), nullable=True),
        sa.Column("payback_months", sa.BigInteger(), nullable=True),
        sa.Column("appraised_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appraised_by_id"], ["person.id"], name=op.f("fk_appraisal_appraised_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["pilot_id"], ["pilot.id"], name=op.f("fk_appraisal_pilot_id_pilot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal")),
        sa.UniqueConstraint("pilot_id", "version", name=op.f("uq_appraisal_pilot_id_version")),
    )


def downgrade() -> None:
    op.drop_table("appraisal")
