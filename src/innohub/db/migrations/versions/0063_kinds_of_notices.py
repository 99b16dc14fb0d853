"""kinds of notices, and how each person wants to be told of them

Safe while the hub runs? Columns with constant defaults, which rewrite no table, and a table of its
own. What the previous release tells meanwhile is of the kind `work`, in the inbox.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0063"
down_revision: str | None = "0054"

KINDS = (
    "'decision', 'turn', 'halt', 'result_due', 'pilot', 'work', 'assurance', 'listing', "
    "'challenge', 'board', 'pool', 'search', 'rating', 'kpi', 'document', 'connection'"
)
CHANNELS = "'inbox', 'digest', 'email', 'nothing'"
KNOWN = """
    UPDATE notice SET kind = CASE
        WHEN key LIKE 'delegation_%' THEN 'decision'
        WHEN key LIKE 'pilot_%_turn_%' THEN 'turn'
        WHEN key LIKE 'pilot_%_paused_%' OR key LIKE 'pilot_%_safety_breached' THEN 'halt'
        WHEN key LIKE 'pilot/%/breach/%' THEN 'halt'
        WHEN key LIKE 'pilot_%_result%' OR key LIKE 'pilot_%_overdue_explained' THEN 'result_due'
        WHEN key LIKE 'pilot/%' OR key LIKE 'task/%' THEN 'work'
        WHEN key LIKE 'pilot_%' OR key LIKE 'listing-version/%/pilot/%' THEN 'pilot'
        WHEN key LIKE 'assurance/%' THEN 'assurance'
        WHEN key LIKE 'listing%' THEN 'listing'
        WHEN key LIKE 'challenge%' THEN 'challenge'
        WHEN key LIKE 'round%' THEN 'board'
        WHEN key LIKE 'saved-search/%' THEN 'search'
        WHEN key LIKE 'rating/%' THEN 'rating'
        WHEN key LIKE 'kpi_%' THEN 'kpi'
        WHEN key LIKE 'document/%' THEN 'document'
        WHEN key LIKE 'connection/%' OR key LIKE 'reconciliation/%' THEN 'connection'
        ELSE 'work'
    END
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, default, allowed in (("kind", "work", KINDS), ("channel", "inbox", CHANNELS)):
        op.add_column(
            "notice",
            sa.Column(name, sa.String(length=40), nullable=False, server_default=default),
        )
        op.create_check_constraint(op.f(f"ck_notice_{name}"), "notice", f"{name} IN ({allowed})")
    op.execute(KNOWN)
    op.create_index(
        "ix_notice_by_email", "notice", ["id"], postgresql_where=sa.text("channel = 'email'")
    )
    op.create_table(
        "notice_preference",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_notice_preference_kind")),
        sa.CheckConstraint(f"channel IN ({CHANNELS})", name=op.f("ck_notice_preference_channel")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_preference_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_preference")),
        sa.UniqueConstraint("person_id", "kind", name=op.f("uq_notice_preference_person_id_kind")),
    )


def downgrade() -> None:
    op.drop_table("notice_preference")
    op.drop_index("ix_notice_by_email", "notice")
    for name in ("channel", "kind"):
        op.drop_constraint(op.f(f"ck_notice_{name}"), "notice")
        op.drop_column("notice", name)
