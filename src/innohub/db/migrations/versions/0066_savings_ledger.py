"""the savings ledger: baselines, what suppliers' books say, and savings

Safe while the hub runs? Tables of their own; the previous release knows none of them.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0066"
down_revision: str | None = "0061"

FROZEN = """
    CREATE FUNCTION savings_baseline_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM pool_share JOIN pool_award ON pool_award.id = pool_share.award_id
            WHERE pool_award.pool_id = OLD.pool_id AND pool_share.force_id = OLD.force_id
                AND pool_award.awarded_at IS NOT NULL
        ) OR EXISTS (
            SELECT FROM call_off
            WHERE call_off.pool_id = OLD.pool_id AND call_off.force_id = OLD.force_id
        ) THEN
            RAISE EXCEPTION 'A baseline is frozen by the award.'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
"""
GUARD = """
    CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON savings_baseline
    FOR EACH ROW EXECUTE FUNCTION savings_baseline_frozen()
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "savings_baseline",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("unit_price_pence", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("declared_by_id", sa.BigInteger(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "method IN ('previous_price', 'budget', 'market_rate', 'median_compliant_bid', 'standalone_quote')",
            name=op.f("ck_savings_baseline_method"),
        ),
        sa.CheckConstraint("unit_price_pence >= 0", name=op.f("ck_savings_baseline_unit_price")),
        sa.ForeignKeyConstraint(
            ["declared_by_id"], ["person.id"], name=op.f("fk_savings_baseline_declared_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_savings_baseline_force_id")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_savings_baseline_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_savings_baseline")),
        sa.UniqueConstraint(
            "pool_id", "force_id", name=op.f("uq_savings_baseline_pool_id_force_id")
        ),
    )
    op.create_index("ix_savings_baseline_force_id", "savings_baseline", ["force_id"], unique=False)
    op.create_table(
        "saving",
        sa.Column("call_off_id", sa.BigInteger(), nullable=False),
        sa.Column("baseline_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("saving_class", sa.String(length=40), nullable=False),
        sa.Column("driver", sa.String(length=40), nullable=False),
        sa.Column("occurrence", sa.String(length=40), nullable=False),
        sa.Column("deferred_spend", sa.Boolean(), nullable=False),
        sa.Column("inflation_basis_points", sa.BigInteger(), nullable=False),
        sa.Column("inflation_approved", sa.Boolean(), nullable=False),
        sa.Column("value_pence", sa.BigInteger(), nullable=False),
        sa.Column("paid_pence", sa.BigInteger(), nullable=False),
        sa.Column("implementation_pence", sa.BigInteger(), nullable=False),
        sa.Column("exit_pence", sa.BigInteger(), nullable=False),
        sa.Column("net_pence", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("entered_by_id", sa.BigInteger(), nullable=False),
        sa.Column("signed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state IN ('signed', 'reversed')) = (signed_by_id IS NOT NULL) AND (signed_by_id IS NULL) = (signed_at IS NULL)",
            name=op.f("ck_saving_signed"),
        ),
        sa.CheckConstraint(
            "NOT (occurrence = 'one_off' AND deferred_spend)", name=op.f("ck_saving_not_deferred")
        ),
        sa.CheckConstraint(
            "driver IN ('standardisation', 'new_commercial_arrangement', 'new_volumes', 'demand_management')",
            name=op.f("ck_saving_driver"),
        ),
        sa.CheckConstraint(
            "occurrence IN ('one_off', 'recurring')", name=op.f("ck_saving_occurrence")
        ),
        sa.CheckConstraint(
            "saving_class IN ('cashable', 'cost_avoidance') OR (paid_pence = 0 AND exit_pence = 0)",
            name=op.f("ck_saving_of_price"),
        ),
        sa.CheckConstraint(
            "saving_class IN ('cashable', 'non_cashable_efficiency', 'cost_avoidance', 'social_value', 'risk_reduction', 'carbon')",
            name=op.f("ck_saving_saving_class"),
        ),
        sa.CheckConstraint(
            "state <> 'signed' OR inflation_basis_points = 0 OR inflation_approved",
            name=op.f("ck_saving_inflation_approved"),
        ),
        sa.CheckConstraint(
            "state IN ('entered', 'sent_back', 'withdrawn', 'signed', 'reversed')",
            name=op.f("ck_saving_state"),
        ),
        sa.CheckConstraint(
            "implementation_pence >= 0 AND exit_pence >= 0", name=op.f("ck_saving_costs")
        ),
        sa.CheckConstraint(
            "inflation_basis_points BETWEEN 0 AND 10000", name=op.f("ck_saving_inflation")
        ),
        sa.CheckConstraint(
            "net_pence = value_pence - paid_pence - implementation_pence - exit_pence",
            name=op.f("ck_saving_net"),
        ),
        sa.CheckConstraint("signed_by_id <> entered_by_id", name=op.f("ck_saving_another_signs")),
        sa.ForeignKeyConstraint(
            ["baseline_id"], ["savings_baseline.id"], name=op.f("fk_saving_baseline_id")
        ),
        sa.ForeignKeyConstraint(
            ["call_off_id"], ["call_off.id"], name=op.f("fk_saving_call_off_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["person.id"], name=op.f("fk_saving_entered_by_id")
        ),
        sa.ForeignKeyConstraint(["force_id"], ["organisation.id"], name=op.f("fk_saving_force_id")),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["person.id"], name=op.f("fk_saving_signed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saving")),
    )
    op.create_index("ix_saving_call_off_id", "saving", ["call_off_id"], unique=False)
    op.create_index("ix_saving_force_id_state", "saving", ["force_id", "state"], unique=False)
    op.create_index(
        "uq_saving_price_once",
        "saving",
        ["call_off_id"],
        unique=True,
        postgresql_where=sa.text(
            "saving_class IN ('cashable', 'cost_avoidance') AND state IN ('entered', 'signed')"
        ),
    )
    op.create_table(
        "supplier_transaction",
        sa.Column("call_off_id", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("invoiced_on", sa.Date(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_off_id"], ["call_off.id"], name=op.f("fk_supplier_transaction_call_off_id")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_supplier_transaction_force_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_supplier_transaction_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_transaction")),
        sa.UniqueConstraint(
            "call_off_id", "reference", name=op.f("uq_supplier_transaction_call_off_id_reference")
        ),
    )
    op.create_index(
        "ix_supplier_transaction_supplier_id", "supplier_transaction", ["supplier_id"], unique=False
    )
    op.execute(FROZEN)
    op.execute(GUARD)


def downgrade() -> None:
    for table in ("supplier_transaction", "saving", "savings_baseline"):
        op.drop_table(table)
    op.execute("DROP FUNCTION savings_baseline_frozen()")
