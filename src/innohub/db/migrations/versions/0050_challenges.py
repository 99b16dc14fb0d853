"""challenges: needs that forces post, their sponsors, questions and responses

Safe while the hub runs? Tables of their own; the previous release knows none of them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0050"
down_revision: str | None = "0044"


SHARED_WORDS = """
    CREATE FUNCTION shared_words(one tsvector, other tsvector) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT count(*)::integer FROM unnest(tsvector_to_array(one)) AS mine(word)
        WHERE word = ANY(tsvector_to_array(other))
    $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(SHARED_WORDS)
    op.create_table(
        "challenge",
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("baseline_value", sa.Double(), nullable=True),
        sa.Column("baseline_source", sa.Text(), nullable=True),
        sa.Column("constraints", sa.Text(), nullable=True),
        sa.Column("budget_from_pence", sa.BigInteger(), nullable=True),
        sa.Column("budget_to_pence", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cosponsors_until", sa.Date(), nullable=True),
        sa.Column("respond_by", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_text", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', problem), 'B')",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_challenge_merged")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'open_for_cosponsors', 'published', 'clarifying', 'matching', 'piloting', 'answered', 'closed_unmet', 'merged', 'withdrawn')",
            name=op.f("ck_challenge_state"),
        ),
        sa.CheckConstraint(
            "(published_at IS NULL) OR (respond_by IS NOT NULL)",
            name=op.f("ck_challenge_deadline_when_published"),
        ),
        sa.CheckConstraint(
            "budget_from_pence >= 0 AND budget_to_pence >= budget_from_pence",
            name=op.f("ck_challenge_budget_band"),
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_challenge_not_into_itself")),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_challenge_force_id")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["challenge.id"], name=op.f("fk_challenge_merged_into_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
    )
    op.create_index("ix_challenge_category", "challenge", ["category"], unique=False)
    op.create_index("ix_challenge_force_id", "challenge", ["force_id"], unique=False)
    op.create_index("ix_challenge_kpi", "challenge", ["kpi"], unique=False)
    op.create_index(
        "ix_challenge_search", "challenge", ["search"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_challenge_state_respond_by", "challenge", ["state", "respond_by"], unique=False
    )
    op.create_table(
        "challenge_follower",
        sa.Column("challenge_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_follower_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_challenge_follower_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_follower")),
        sa.UniqueConstraint(
            "challenge_id", "person_id", name=op.f("uq_challenge_follower_challenge_id_person_id")
        ),
    )
    op.create_index(
        "ix_challenge_follower_person_id", "challenge_follower", ["person_id"], unique=False
    )
    op.create_table(
        "challenge_force",
        sa.Column("challenge_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "invited_at IS NOT NULL OR joined_at IS NOT NULL", name=op.f("ck_challenge_force_some")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_force_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_challenge_force_force_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_force")),
        sa.UniqueConstraint(
            "challenge_id", "force_id", name=op.f("uq_challenge_force_challenge_id_force_id")
        ),
    )
    op.create_index("ix_challenge_force_force_id", "challenge_force", ["force_id"], unique=False)
    op.create_table(
        "challenge_merger",
        sa.Column("challenge_id", sa.BigInteger(), nullable=False),
        sa.Column("into_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("into_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("challenge_id <> into_id", name=op.f("ck_challenge_merger_two")),
        sa.CheckConstraint(
            "merged_at IS NULL OR (agreed_at IS NOT NULL AND into_agreed_at IS NOT NULL)",
            name=op.f("ck_challenge_merger_agreed_first"),
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_merger_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["into_id"], ["challenge.id"], name=op.f("fk_challenge_merger_into_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_merger")),
        sa.UniqueConstraint(
            "challenge_id", "into_id", name=op.f("uq_challenge_merger_challenge_id_into_id")
        ),
    )
    op.create_index("ix_challenge_merger_into_id", "challenge_merger", ["into_id"], unique=False)
    op.create_table(
        "challenge_question",
        sa.Column("challenge_id", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_challenge_question_answered")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_question_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_challenge_question_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_question")),
    )
    op.create_index(
        "ix_challenge_question_challenge_id", "challenge_question", ["challenge_id"], unique=False
    )
    op.create_table(
        "challenge_response",
        sa.Column("challenge_id", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("technology_id", sa.BigInteger(), nullable=True),
        sa.Column("listing_version_id", sa.BigInteger(), nullable=True),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("price_from_pence", sa.BigInteger(), nullable=True),
        sa.Column("price_to_pence", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(technology_id IS NULL) = (listing_version_id IS NULL)",
            name=op.f("ck_challenge_response_version_of_listing"),
        ),
        sa.CheckConstraint(
            "price_from_pence >= 0 AND price_to_pence >= price_from_pence",
            name=op.f("ck_challenge_response_price_band"),
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_response_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["listing_version_id"],
            ["listing_version.id"],
            name=op.f("fk_challenge_response_listing_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_challenge_response_supplier_id")
        ),
        sa.ForeignKeyConstraint(
            ["technology_id"], ["technology.id"], name=op.f("fk_challenge_response_technology_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_response")),
        sa.UniqueConstraint(
            "challenge_id",
            "supplier_id",
            name=op.f("uq_challenge_response_challenge_id_supplier_id"),
        ),
    )
    op.create_index(
        "ix_challenge_response_supplier_id", "challenge_response", ["supplier_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("challenge_response")
    op.drop_table("challenge_question")
    op.drop_table("challenge_merger")
    op.drop_table("challenge_force")
    op.drop_table("challenge_follower")
    op.drop_table("challenge")
    op.execute("DROP FUNCTION shared_words(tsvector, tsvector)")
