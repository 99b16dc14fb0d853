"""pooled demand: rooms, the ledger of commitments, awards and call-offs

Safe while the hub runs? Tables of their own; the previous release knows none of them.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0058"
down_revision: str | None = "0057"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "pool",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("specification", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=40), nullable=False),
        sa.Column("term_months", sa.BigInteger(), nullable=False),
        sa.Column("minimum_quantity", sa.BigInteger(), nullable=False),
        sa.Column("technology_id", sa.BigInteger(), nullable=True),
        sa.Column("challenge_id", sa.BigInteger(), nullable=True),
        sa.Column("round_item_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("quotes_by", sa.Date(), nullable=True),
        sa.Column("commit_by", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "interval IN ('one_off', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'six_months', 'year')",
            name=op.f("ck_pool_interval"),
        ),
        sa.CheckConstraint(
            "state IN ('collecting', 'quoting') OR commit_by IS NOT NULL",
            name=op.f("ck_pool_window"),
        ),
        sa.CheckConstraint(
            "state IN ('collecting', 'quoting', 'committing', 'awarded', 'calling_off', 'closed', 'failed')",
            name=op.f("ck_pool_state"),
        ),
        sa.CheckConstraint(
            "unit IN ('unit', 'person', 'licence', 'user', 'device', 'instance', 'server', 'virtual_machine', 'transaction', 'megabyte', 'gigabyte', 'terabyte', 'officer', 'vehicle', 'site', 'case', 'force', 'population_1000')",
            name=op.f("ck_pool_unit"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(technology_id, challenge_id, round_item_id) = 1",
            name=op.f("ck_pool_one_source"),
        ),
        sa.CheckConstraint("term_months > 0 AND minimum_quantity > 0", name=op.f("ck_pool_terms")),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_pool_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_item_id"], ["round_item.id"], name=op.f("fk_pool_round_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["technology_id"], ["technology.id"], name=op.f("fk_pool_technology_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
    )
    op.create_index("ix_pool_challenge_id", "pool", ["challenge_id"], unique=False)
    op.create_index("ix_pool_round_item_id", "pool", ["round_item_id"], unique=False)
    op.create_index("ix_pool_state_commit_by", "pool", ["state", "commit_by"], unique=False)
    op.create_index("ix_pool_technology_id", "pool", ["technology_id"], unique=False)
    op.create_table(
        "pool_award",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("quote_id", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("route_reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("tier_from_quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_pence", sa.BigInteger(), nullable=False),
        sa.Column("total_pence", sa.BigInteger(), nullable=False),
        sa.Column("vat_pence", sa.BigInteger(), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_off_until", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "awarded_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_pool_award_one_end")
        ),
        sa.CheckConstraint("quantity >= tier_from_quantity", name=op.f("ck_pool_award_at_a_tier")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_award_pool_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_pool_award_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_award")),
    )
    op.create_index("ix_pool_award_quote_id", "pool_award", ["quote_id"], unique=False)
    op.create_index(
        "uq_pool_award_standing",
        "pool_award",
        ["pool_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "pool_commitment",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("strength", sa.String(length=40), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(quantity = 0) = (withdrawn OR strength = 'interested')",
            name=op.f("ck_pool_commitment_some_quantity"),
        ),
        sa.CheckConstraint(
            "NOT late OR strength = 'binding'", name=op.f("ck_pool_commitment_late_is_binding")
        ),
        sa.CheckConstraint(
            "strength IN ('interested', 'indicative_quantity', 'conditional_on_pilot', 'budget_approved', 'binding')",
            name=op.f("ck_pool_commitment_strength"),
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_pool_commitment_quantity")),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_pool_commitment_force_id")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_commitment_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_commitment")),
    )
    op.create_index(
        "ix_pool_commitment_newest",
        "pool_commitment",
        ["pool_id", "force_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "pool_invitation",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_invitation_pool_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_pool_invitation_supplier_id")
        ),
        sa.ForeignKeyConstraint(
            ["technology_id"], ["technology.id"], name=op.f("fk_pool_invitation_technology_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_invitation")),
        sa.UniqueConstraint(
            "pool_id", "technology_id", name=op.f("uq_pool_invitation_pool_id_technology_id")
        ),
    )
    op.create_index(
        "ix_pool_invitation_supplier_id", "pool_invitation", ["supplier_id"], unique=False
    )
    op.create_table(
        "pool_quote",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("quote_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_quote_pool_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_pool_quote_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_quote")),
        sa.UniqueConstraint("quote_id", name=op.f("uq_pool_quote_quote_id")),
    )
    op.create_index("ix_pool_quote_pool_id", "pool_quote", ["pool_id"], unique=False)
    op.create_table(
        "call_off",
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("award_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("due_pence", sa.BigInteger(), nullable=False),
        sa.Column("once_pence", sa.BigInteger(), nullable=False),
        sa.Column("vat_pence", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("paid_pence", sa.BigInteger(), nullable=True),
        sa.Column("paid_recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "due_pence >= 0 AND once_pence >= 0 AND vat_pence >= 0 AND paid_pence >= 0",
            name=op.f("ck_call_off_sums"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_call_off_quantity")),
        sa.ForeignKeyConstraint(["award_id"], ["pool_award.id"], name=op.f("fk_call_off_award_id")),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_call_off_force_id")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_call_off_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_off")),
        sa.UniqueConstraint("pool_id", "number", name=op.f("uq_call_off_pool_id_number")),
    )
    op.create_index(
        "ix_call_off_award_id_force_id", "call_off", ["award_id", "force_id"], unique=False
    )
    op.create_index("ix_call_off_force_id", "call_off", ["force_id"], unique=False)
    op.create_table(
        "pool_share",
        sa.Column("award_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("total_pence", sa.BigInteger(), nullable=False),
        sa.Column("vat_pence", sa.BigInteger(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0 AND total_pence >= 0", name=op.f("ck_pool_share_some")),
        sa.ForeignKeyConstraint(
            ["award_id"], ["pool_award.id"], name=op.f("fk_pool_share_award_id")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_pool_share_force_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_share")),
        sa.UniqueConstraint("award_id", "force_id", name=op.f("uq_pool_share_award_id_force_id")),
    )
    op.create_index("ix_pool_share_force_id", "pool_share", ["force_id"], unique=False)
    op.execute(
        "CREATE TRIGGER pool_commitment_never_changes BEFORE UPDATE OR DELETE ON pool_commitment "
        "FOR EACH ROW EXECUTE FUNCTION never_changes()"
    )


def downgrade() -> None:
    for table in (
        "pool_share",
        "call_off",
        "pool_quote",
        "pool_invitation",
        "pool_commitment",
        "pool_award",
        "pool",
    ):
        op.drop_table(table)
