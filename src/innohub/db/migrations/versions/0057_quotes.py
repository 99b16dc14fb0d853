"""quotes: what suppliers charge for a version of a listing, by quantity

Safe while the hub runs? Tables of their own; the previous release knows none of them.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0057"
down_revision: str | None = "0065"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "quote",
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("listing_version_id", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("standalone", sa.Boolean(), nullable=False),
        sa.Column("tier_mode", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=40), nullable=False),
        sa.Column("term_months", sa.BigInteger(), nullable=False),
        sa.Column("intervals", sa.BigInteger(), nullable=False),
        sa.Column("extension_months", sa.BigInteger(), nullable=False),
        sa.Column("price_basis", sa.String(length=40), nullable=False),
        sa.Column("index_cap_pct", sa.BigInteger(), nullable=True),
        sa.Column("setup_pence", sa.BigInteger(), nullable=False),
        sa.Column("training_pence", sa.BigInteger(), nullable=False),
        sa.Column("exit_pence", sa.BigInteger(), nullable=False),
        sa.Column("data_return", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("vat_rate", sa.BigInteger(), nullable=False),
        sa.Column("most_favoured_customer", sa.Boolean(), nullable=False),
        sa.Column("open_to_late_joiners", sa.Boolean(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(price_basis = 'indexed_capped') = (index_cap_pct IS NOT NULL)",
            name=op.f("ck_quote_index_cap"),
        ),
        sa.CheckConstraint(
            "interval IN ('one_off', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'six_months', 'year')",
            name=op.f("ck_quote_interval"),
        ),
        sa.CheckConstraint(
            "price_basis IN ('fixed_for_term', 'indexed_cpi', 'indexed_capped', 'variable')",
            name=op.f("ck_quote_price_basis"),
        ),
        sa.CheckConstraint(
            "tier_mode IN ('all_units', 'incremental', 'retrospective_rebate')",
            name=op.f("ck_quote_tier_mode"),
        ),
        sa.CheckConstraint(
            "unit IN ('unit', 'person', 'licence', 'user', 'device', 'instance', 'server', 'virtual_machine', 'transaction', 'megabyte', 'gigabyte', 'terabyte', 'officer', 'vehicle', 'site', 'case', 'force', 'population_1000')",
            name=op.f("ck_quote_unit"),
        ),
        sa.CheckConstraint("intervals > 0", name=op.f("ck_quote_intervals")),
        sa.CheckConstraint(
            "setup_pence >= 0 AND training_pence >= 0 AND exit_pence >= 0",
            name=op.f("ck_quote_once"),
        ),
        sa.CheckConstraint("term_months > 0 AND extension_months >= 0", name=op.f("ck_quote_term")),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 100", name=op.f("ck_quote_vat_rate")),
        sa.ForeignKeyConstraint(
            ["listing_version_id"], ["listing_version.id"], name=op.f("fk_quote_listing_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_quote_supplier_id")
        ),
        sa.ForeignKeyConstraint(
            ["technology_id"], ["technology.id"], name=op.f("fk_quote_technology_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("technology_id", "number", name=op.f("uq_quote_technology_id_number")),
    )
    op.create_index("ix_quote_listing_version_id", "quote", ["listing_version_id"], unique=False)
    op.create_index("ix_quote_supplier_id", "quote", ["supplier_id"], unique=False)
    op.create_index(
        "uq_quote_standing",
        "quote",
        ["technology_id"],
        unique=True,
        postgresql_where=sa.text("standalone AND superseded_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "quote_tier",
        sa.Column("quote_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("from_quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_pence", sa.BigInteger(), nullable=False),
        sa.Column("units_below", sa.BigInteger(), nullable=False),
        sa.Column("below_pence", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "number > 0 AND from_quantity > 0", name=op.f("ck_quote_tier_from_quantity")
        ),
        sa.CheckConstraint("unit_price_pence >= 0", name=op.f("ck_quote_tier_unit_price")),
        sa.CheckConstraint(
            "units_below >= 0 AND below_pence >= 0", name=op.f("ck_quote_tier_below")
        ),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_tier_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_tier")),
        sa.UniqueConstraint(
            "quote_id", "from_quantity", name=op.f("uq_quote_tier_quote_id_from_quantity")
        ),
        sa.UniqueConstraint("quote_id", "number", name=op.f("uq_quote_tier_quote_id_number")),
    )
    op.execute(
        "CREATE TRIGGER quote_tier_never_changes BEFORE UPDATE OR DELETE ON quote_tier "
        "FOR EACH ROW EXECUTE FUNCTION never_changes()"
    )


def downgrade() -> None:
    op.drop_table("quote_tier")
    op.drop_table("quote")
