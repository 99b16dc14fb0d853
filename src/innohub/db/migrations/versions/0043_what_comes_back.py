"""what comes back from suppliers' systems

Safe while the hub runs? Tables of its own, a column that stays empty, and one value more in the check
of a credential's kind; the previous release knows none of them.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0043"
down_revision: str | None = "0042"

NAME = "ck_credential_kind"
BEFORE = (
    "'client_secret', 'private_key', 'client_certificate', 'signing_secret', "
    "'old_signing_secret', 'access_token'"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "inbound_message",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_inbound_message_connection_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_inbound_message_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_message")),
        sa.UniqueConstraint(
            "connection_id", "message_id", name=op.f("uq_inbound_message_connection_id_message_id")
        ),
    )
    op.create_index(
        "ix_inbound_message_connection_id_created_at",
        "inbound_message",
        ["connection_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "inbound_poll",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_inbound_poll_connection_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_inbound_poll_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_poll")),
        sa.UniqueConstraint("connection_id", name=op.f("uq_inbound_poll_connection_id")),
    )
    op.create_index("ix_inbound_poll_next_at", "inbound_poll", ["next_at"], unique=False)
    op.create_table(
        "supplier_note",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_supplier_note_connection_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_supplier_note_organisation_id")
        ),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_supplier_note_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_note")),
    )
    op.create_index(
        "ix_supplier_note_connection_id_record_key",
        "supplier_note",
        ["connection_id", "record_key"],
        unique=False,
    )
    op.create_index(
        "ix_supplier_note_pilot_id_id",
        "supplier_note",
        ["pilot_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.add_column(
        "connection", sa.Column("inbound_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.drop_constraint(op.f(NAME), "credential", type_="check")
    op.create_check_constraint(op.f(NAME), "credential", f"kind IN ({BEFORE}, 'inbound_secret')")


def downgrade() -> None:
    op.execute("DELETE FROM credential WHERE kind = 'inbound_secret'")
    op.drop_constraint(op.f(NAME), "credential", type_="check")
    op.create_check_constraint(op.f(NAME), "credential", f"kind IN ({BEFORE})")
    op.drop_column("connection", "inbound_since")
    op.drop_table("supplier_note")
    op.drop_table("inbound_message")
    op.drop_table("inbound_poll")
