"""Ratings in full: what a force said before, the supplier's reply, words that were hidden."""

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"

ONE_THAT_STANDS = "uq_rating_force_id_listing_version_id"


def upgrade() -> None:
    op.add_column("rating", sa.Column("superseded_at", sa.DateTime(timezone=True)))
    op.add_column("rating", sa.Column("reply", sa.Text()))
    op.add_column("rating", sa.Column("replied_at", sa.DateTime(timezone=True)))
    op.add_column("rating", sa.Column("replied_by_id", sa.BigInteger()))
    op.add_column("rating", sa.Column("comment_hidden_because", sa.Text()))
    op.add_column("rating", sa.Column("reply_hidden_because", sa.Text()))
    op.create_foreign_key("fk_rating_replied_by_id", "rating", "person", ["replied_by_id"], ["id"])
    op.create_check_constraint(
        "ck_rating_reply", "rating", "(reply IS NULL) = (replied_at IS NULL)"
    )
    op.create_check_constraint(
        "ck_rating_reply_hidden", "rating", "reply IS NOT NULL OR reply_hidden_because IS NULL"
    )
    op.drop_constraint(ONE_THAT_STANDS, "rating", type_="unique")
    op.create_index(
        ONE_THAT_STANDS,
        "rating",
        ["force_id", "listing_version_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(ONE_THAT_STANDS, "rating")
    op.execute("DELETE FROM rating WHERE superseded_at IS NOT NULL")
    op.create_unique_constraint(ONE_THAT_STANDS, "rating", ["force_id", "listing_version_id"])
    op.drop_constraint("ck_rating_reply_hidden", "rating", type_="check")
    op.drop_constraint("ck_rating_reply", "rating", type_="check")
    for column in (
        "reply_hidden_because",
        "comment_hidden_because",
        "replied_by_id",
        "replied_at",
        "reply",
        "superseded_at",
    ):
        op.drop_column("rating", column)
