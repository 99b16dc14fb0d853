"""how and where a session was begun, and second factors: an app, passkeys, recovery codes

Safe while the hub runs? Columns with constant defaults or none, which rewrite no table, and tables
of their own. A session of the previous release counts as begun by password when it was made: the
newest proof of a row without one is `created_at`.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0076"
down_revision: str | None = "0084"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("sign_in_session", sa.Column("proved_at", MOMENT))
    op.add_column(
        "sign_in_session",
        sa.Column("methods", sa.ARRAY(sa.Text()), nullable=False, server_default="{pwd}"),
    )
    for name in ("browser", "address"):
        op.add_column(
            "sign_in_session", sa.Column(name, sa.Text(), nullable=False, server_default="")
        )
    op.create_table(
        "authenticator_app",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        *_entity("authenticator_app"),
        sa.UniqueConstraint("person_id", name=op.f("uq_authenticator_app_person_id")),
    )
    op.create_table(
        "passkey",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", MOMENT),
        *_entity("passkey"),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index("ix_passkey_person_id", "passkey", ["person_id"])
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", MOMENT),
        *_entity("recovery_code"),
        sa.UniqueConstraint(
            "person_id", "code_hash", name=op.f("uq_recovery_code_person_id_code_hash")
        ),
    )
    op.create_table(
        "used_challenge",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_used_challenge")),
    )


def _entity(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    for table in ("used_challenge", "recovery_code", "passkey", "authenticator_app"):
        op.drop_table(table)
    for name in ("address", "browser", "methods", "proved_at"):
        op.drop_column("sign_in_session", name)
