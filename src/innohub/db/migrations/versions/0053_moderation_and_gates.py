"""moderation records, gates, debarments, and how far a ranking hangs on its weights

Safe while the hub runs? Tables of their own, and columns that are empty or have a default; the
previous release knows none of them. Rounds that are in their moderation now have no flags.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0053"
down_revision: str | None = "0066"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "debarment",
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_because IS NULL)", name=op.f("ck_debarment_lifted")
        ),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on", name=op.f("ck_debarment_dates")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_debarment_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debarment")),
    )
    op.create_index("ix_debarment_supplier_id", "debarment", ["supplier_id"], unique=False)
    op.create_table(
        "gate_check",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("gate", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "gate IN ('no_overdue_results', 'assurance_minimum_met', 'no_unresolved_safety_stop', 'price_quoted', 'not_debarred')",
            name=op.f("ck_gate_check_gate"),
        ),
        sa.CheckConstraint("stage IN ('entry', 'ranking')", name=op.f("ck_gate_check_stage")),
        sa.ForeignKeyConstraint(["item_id"], ["round_item.id"], name=op.f("fk_gate_check_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_check")),
        sa.UniqueConstraint(
            "item_id", "gate", "stage", name=op.f("uq_gate_check_item_id_gate_stage")
        ),
    )
    op.create_table(
        "moderation_record",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("every_subcriterion_discussed", sa.Boolean(), nullable=False),
        sa.Column("who_said_what", sa.Text(), nullable=False),
        sa.Column("decisive_reasons_and_weight", sa.Text(), nullable=False),
        sa.Column("conflicting_points_reconciled", sa.Text(), nullable=False),
        sa.Column("scores_before", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("score_after", sa.BigInteger(), nullable=False),
        sa.Column("no_bid_to_bid_comparatives", sa.Boolean(), nullable=False),
        sa.Column("written_by_id", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "every_subcriterion_discussed AND no_bid_to_bid_comparatives",
            name=op.f("ck_moderation_record_affirmed"),
        ),
        sa.CheckConstraint(
            "score_after BETWEEN 0 AND 5", name=op.f("ck_moderation_record_score_after")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["round_item.id"], name=op.f("fk_moderation_record_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["person.id"], name=op.f("fk_moderation_record_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_record")),
        sa.UniqueConstraint(
            "item_id", "criterion", name=op.f("uq_moderation_record_item_id_criterion")
        ),
    )
    op.create_table(
        "rank_variation",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("change_percent", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "change_percent IN (-20, 20)", name=op.f("ck_rank_variation_change_percent")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["round_item.id"], name=op.f("fk_rank_variation_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rank_variation")),
        sa.UniqueConstraint(
            "item_id",
            "criterion",
            "change_percent",
            name=op.f("uq_rank_variation_item_id_criterion_change_percent"),
        ),
    )
    op.create_table(
        "moderation_approval",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("approves", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "approves OR reason IS NOT NULL",
            name=op.f("ck_moderation_approval_dissent_with_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_moderation_approval_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["moderation_record.id"],
            name=op.f("fk_moderation_approval_record_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_approval")),
        sa.UniqueConstraint(
            "record_id", "person_id", name=op.f("uq_moderation_approval_record_id_person_id")
        ),
    )
    op.add_column("board_round", sa.Column("lot_seed", sa.Text(), nullable=True))
    op.add_column("board_round", sa.Column("cancelled_because", sa.Text(), nullable=True))
    op.add_column(
        "round_item",
        sa.Column(
            "flagged", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column("round_item", sa.Column("tie", sa.String(length=40), nullable=True))
    op.add_column("round_item", sa.Column("lot", sa.Text(), nullable=True))
    op.add_column("round_item", sa.Column("whole_life_pence", sa.BigInteger(), nullable=True))
    op.add_column("round_item", sa.Column("decline_reason", sa.String(length=40), nullable=True))
    op.create_check_constraint(
        op.f("ck_round_item_tie"),
        "round_item",
        "tie IN ('higher_evidence_of_effect', 'higher_value_for_money', 'lower_whole_life_cost', 'recorded_lot')",
    )
    op.create_check_constraint(
        op.f("ck_round_item_decline_reason"),
        "round_item",
        "decline_reason IN ('need_not_shown', 'evidence_weak', 'evidence_negative', 'cost', 'security', 'legal_ethical', 'not_scalable', 'duplicate', 'supplier_capacity')",
    )


def downgrade() -> None:
    op.drop_column("round_item", "decline_reason")
    op.drop_column("round_item", "whole_life_pence")
    op.drop_column("round_item", "lot")
    op.drop_column("round_item", "tie")
    op.drop_column("round_item", "flagged")
    op.drop_column("board_round", "cancelled_because")
    op.drop_column("board_round", "lot_seed")
    op.drop_table("moderation_approval")
    op.drop_table("rank_variation")
    op.drop_table("moderation_record")
    op.drop_table("gate_check")
    op.drop_index("ix_debarment_supplier_id", table_name="debarment")
    op.drop_table("debarment")
