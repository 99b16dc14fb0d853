"""how many technologies of a category are published

Safe while the hub runs? A new table, and triggers that the previous release does not notice. The
triggers come before the first count, under a lock that holds writers of listings up meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"

KEEP = """
CREATE FUNCTION keep_published_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In the order of the categories, so that two transactions wait and never in a circle.
    IF TG_OP = 'INSERT' THEN
        INSERT INTO published_count AS kept (category, number)
        SELECT category, count(*) FROM arrived WHERE state = 'published'
        GROUP BY category ORDER BY category
        ON CONFLICT (category) DO UPDATE SET number = kept.number + excluded.number;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO published_count AS kept (category, number)
        SELECT category, -count(*) FROM departed WHERE state = 'published'
        GROUP BY category ORDER BY category
        ON CONFLICT (category) DO UPDATE SET number = kept.number + excluded.number;
    ELSE
        INSERT INTO published_count AS kept (category, number)
        SELECT category, sum(change) FROM (
            SELECT category, 1 AS change FROM arrived WHERE state = 'published'
            UNION ALL
            SELECT category, -1 FROM departed WHERE state = 'published'
        ) changes
        GROUP BY category HAVING sum(change) <> 0 ORDER BY category
        ON CONFLICT (category) DO UPDATE SET number = kept.number + excluded.number;
    END IF;
    RETURN NULL;
END
$$
"""
TRIGGERS = {
    "INSERT": "NEW TABLE AS arrived",
    "UPDATE": "OLD TABLE AS departed NEW TABLE AS arrived",
    "DELETE": "OLD TABLE AS departed",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "published_count",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("category", name=op.f("pk_published_count")),
    )
    op.execute(KEEP)
    for event, tables in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER keep_published_count_{event.lower()} AFTER {event} ON technology "
            f"REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION keep_published_count()"
        )
    op.execute(
        "INSERT INTO published_count (category, number) "
        "SELECT category, count(*) FROM technology WHERE state = 'published' GROUP BY category"
    )


def downgrade() -> None:
    for event in TRIGGERS:
        op.execute(f"DROP TRIGGER keep_published_count_{event.lower()} ON technology")
    op.execute("DROP FUNCTION keep_published_count")
    op.drop_table("published_count")
