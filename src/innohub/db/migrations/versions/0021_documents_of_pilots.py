"""Documents of pilots and of assurance items beside those of listings: each of exactly one of the
three.

A table that is scanned for its constraints holds thousands of rows, not millions: the bytes stand
apart.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"

PLACES = {"pilot_id": "pilot", "assurance_item_id": "assurance_item"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("document", "technology_id", nullable=True)
    for column, table in PLACES.items():
        op.add_column("document", sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_document_{column}"), "document", table, [column], ["id"])
        op.create_index(f"ix_document_{column}", "document", [column])
    op.add_column("document", sa.Column("by_name", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_document_one_place"),
        "document",
        "num_nonnulls(technology_id, pilot_id, assurance_item_id) = 1",
    )
    op.create_check_constraint(
        op.f("ck_document_by_name"), "document", "(pilot_id IS NULL) = (by_name IS NULL)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM document WHERE technology_id IS NULL")
    op.drop_constraint(op.f("ck_document_by_name"), "document")
    op.drop_constraint(op.f("ck_document_one_place"), "document")
    op.drop_column("document", "by_name")
    for column in PLACES:
        op.drop_column("document", column)
    op.alter_column("document", "technology_id", nullable=False)
