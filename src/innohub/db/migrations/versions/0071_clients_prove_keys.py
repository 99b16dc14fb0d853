"""clients prove keys: signed assertions, bound tokens, requests handed over beforehand

Safe while the hub runs? Tables of their own and columns with defaults. The previous release would
take a client that signs for one with a secret, of which it has none.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0071"
down_revision: str | None = "0085"

PROOF = "ck_oauth_client_proof"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("oauth_client", sa.Column("jwks", postgresql.JSONB(), nullable=True))
    op.add_column("oauth_client", sa.Column("jwks_uri", sa.Text(), nullable=True))
    op.add_column(
        "oauth_client",
        sa.Column("dpop_bound", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.drop_constraint(op.f(PROOF), "oauth_client", type_="check")
    op.create_check_constraint(
        op.f(PROOF), "oauth_client", "proof IN ('secret', 'private_key_jwt', 'none')"
    )
    op.add_column("oauth_grant", sa.Column("key_thumbprint", sa.Text(), nullable=True))
    op.create_table(
        "pushed_request",
        sa.Column("oauth_client_id", sa.BigInteger(), nullable=False),
        sa.Column("handle_hash", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["oauth_client_id"], ["oauth_client.id"], name=op.f("fk_pushed_request_oauth_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushed_request")),
        sa.UniqueConstraint("handle_hash", name=op.f("uq_pushed_request_handle_hash")),
    )
    op.create_index(
        op.f("ix_pushed_request_oauth_client_id"), "pushed_request", ["oauth_client_id"]
    )
    op.create_table(
        "used_proof",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_proof")),
        sa.UniqueConstraint("mark", name=op.f("uq_used_proof_mark")),
    )


def downgrade() -> None:
    op.drop_table("used_proof")
    op.drop_table("pushed_request")
    op.drop_column("oauth_grant", "key_thumbprint")
    op.drop_constraint(op.f(PROOF), "oauth_client", type_="check")
    op.create_check_constraint(op.f(PROOF), "oauth_client", "proof IN ('secret', 'none')")
    op.drop_column("oauth_client", "dpop_bound")
    op.drop_column("oauth_client", "jwks_uri")
    op.drop_column("oauth_client", "jwks")
