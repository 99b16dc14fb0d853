"""What comes back is found by the key, or the other side's id, of the record that it is about

Safe while the hub runs? Yes: indexes, built while others write.
"""

from alembic import op

revision: str = "0045"
down_revision: str | None = "0051"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_delivery_connection_id_external_key",
            "delivery",
            ["connection_id", "external_key"],
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_remote_record_connection_id_remote_id",
            "remote_record",
            ["connection_id", "remote_id"],
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_remote_record_connection_id_remote_id", "remote_record")
    op.drop_index("ix_delivery_connection_id_external_key", "delivery")
