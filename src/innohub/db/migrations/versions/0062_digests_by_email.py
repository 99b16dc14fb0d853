"""digests by e-mail: who gets one how often, e-mail on its way, and the links that it carries

Safe while the hub runs? Tables of their own; the previous release knows none of them.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0062"
down_revision: str | None = "0053"


def _born() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _of_person(table: str) -> list[sa.Column[Any] | sa.ForeignKeyConstraint]:
    return [
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id")),
    ]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "digest_setting",
        *_of_person("digest_setting"),
        sa.Column("cadence", sa.String(length=40), nullable=False),
        *_born(),
        sa.CheckConstraint(
            "cadence IN ('daily', 'weekly', 'monthly', 'never')",
            name=op.f("ck_digest_setting_cadence"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_setting")),
        sa.UniqueConstraint("person_id", name=op.f("uq_digest_setting_person_id")),
    )
    op.create_table(
        "mail_message",
        *_of_person("mail_message"),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        *_born(),
        sa.CheckConstraint(
            "(text IS NULL) = (html IS NULL)", name=op.f("ck_mail_message_both_parts")
        ),
        sa.CheckConstraint(
            "sent_at IS NULL OR failed_at IS NULL", name=op.f("ck_mail_message_sent_or_failed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_message_key")),
    )
    op.create_index(
        "ix_mail_message_due",
        "mail_message",
        ["try_at"],
        postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
    )
    op.create_index("ix_mail_message_person_id", "mail_message", ["person_id"])
    op.create_table(
        "digest",
        *_of_person("digest"),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        *_born(),
        sa.ForeignKeyConstraint(
            ["message_id"], ["mail_message.id"], name=op.f("fk_digest_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("person_id", "period", name=op.f("uq_digest_person_id_period")),
    )
    op.create_table(
        "decision_link",
        sa.Column("token_hash", sa.Text(), nullable=False),
        *_of_person("decision_link"),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        *_born(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_decision_link_token_hash")),
    )
    op.create_index("ix_decision_link_expires_at", "decision_link", ["expires_at"])


def downgrade() -> None:
    for table in ("decision_link", "digest", "mail_message", "digest_setting"):
        op.drop_table(table)
