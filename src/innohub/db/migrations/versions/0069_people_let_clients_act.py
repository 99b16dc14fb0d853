"""people let clients act for them

Safe while the hub runs? A table of its own, and columns with defaults that the previous release
does not read: to it, every client has a secret and sends nobody back.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0069"
down_revision: str | None = "0076"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "oauth_client",
        sa.Column("proof", sa.String(length=40), server_default="secret", nullable=False),
    )
    op.add_column(
        "oauth_client",
        sa.Column(
            "redirect_uris",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.create_check_constraint(
        op.f("ck_oauth_client_proof"), "oauth_client", "proof IN ('secret', 'none')"
    )
    op.create_table(
        "oauth_grant",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("oauth_client_id", sa.BigInteger(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("code_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_family", sa.Text(), nullable=False),
        sa.Column("refresh_hash", sa.Text(), nullable=True),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["oauth_client_id"], ["oauth_client.id"], name=op.f("fk_oauth_grant_oauth_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_oauth_grant_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_grant")),
        sa.UniqueConstraint("handle", name=op.f("uq_oauth_grant_handle")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_oauth_grant_code_hash")),
        sa.UniqueConstraint("refresh_family", name=op.f("uq_oauth_grant_refresh_family")),
    )
    op.create_index(op.f("ix_oauth_grant_person_id"), "oauth_grant", ["person_id"])
    op.create_index(op.f("ix_oauth_grant_oauth_client_id"), "oauth_grant", ["oauth_client_id"])


def downgrade() -> None:
    op.drop_table("oauth_grant")
    op.drop_constraint(op.f("ck_oauth_client_proof"), "oauth_client", type_="check")
    op.drop_column("oauth_client", "redirect_uris")
    op.drop_column("oauth_client", "proof")
