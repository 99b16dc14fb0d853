"""what a search knows: synonyms, the words there are, the place by evidence

Safe while the hub runs? New tables, functions and columns, which the previous release does not
read. The table of technologies is written anew once, for the column that orders by evidence.
"""

import re
from importlib import resources
from pathlib import Path

import sqlalchemy as sa
import yaml
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"

SQL = Path(__file__).parents[1] / "sql"

BEST_VERDICTS = """
    UPDATE technology SET best_verdict = best.verdict
    FROM (SELECT DISTINCT ON (technology_id) technology_id, verdict FROM result
          WHERE published_at IS NOT NULL
          ORDER BY technology_id, grade DESC, search_favour(verdict)) best
    WHERE best.technology_id = technology.id
"""
FORCE_COUNTS = """
    UPDATE technology SET force_count = counted.forces
    FROM (SELECT technology_id, count(DISTINCT force_id) AS forces FROM pilot
          WHERE state IN ('protocol_locked', 'running', 'paused', 'analysing', 'reported',
                          'decided', 'stopped', 'published') OR citation IS NOT NULL
          GROUP BY technology_id) counted
    WHERE counted.technology_id = technology.id
"""
LEARN = """
    SELECT search_learn(array_to_string(words, ' ')) FROM synonym_set
    UNION ALL SELECT search_learn(concat_ws(' ', name, summary, search_text)) FROM technology
    WHERE state = 'published'
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _run("finding_words.sql")
    op.create_table(
        "synonym_set",
        sa.Column("use", sa.String(length=40), nullable=False),
        sa.Column("words", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column(
            "targets",
            postgresql.ARRAY(postgresql.TSQUERY()),
            sa.Computed("search_targets(words)", persisted=True),
        ),
        sa.Column("any_of", postgresql.TSQUERY(), sa.Computed("search_any(words)", persisted=True)),
        sa.Column(
            "lexemes",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("search_lexemes(words)", persisted=True),
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("use IN ('alike', 'little')", name=op.f("ck_synonym_set_use")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_set")),
    )
    op.create_table(
        "search_word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("lexeme", sa.Text(), sa.Computed("search_lexeme(word)", persisted=True)),
        sa.Column(
            "deletes",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("search_deletes(word)", persisted=True),
        ),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_word")),
    )
    op.create_index("ix_search_word_lexeme", "search_word", ["lexeme"])
    op.create_index("ix_search_word_deletes", "search_word", ["deletes"], postgresql_using="gin")
    _place_by_evidence()
    _run("finding_search.sql")
    _load_synonyms()
    op.execute(LEARN)


def _place_by_evidence() -> None:
    op.add_column("technology", sa.Column("best_verdict", sa.Text(), nullable=True))
    op.add_column(
        "technology", sa.Column("force_count", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.execute(BEST_VERDICTS)
    op.execute(FORCE_COUNTS)
    computed = sa.Computed(
        "search_evidence(best_verdict, best_grade, force_count, rating_mean)", persisted=True
    )
    op.add_column("technology", sa.Column("evidence", sa.BigInteger(), computed, nullable=False))
    order = [sa.text("evidence DESC"), sa.text("id DESC")]
    published = sa.text("state = 'published'")
    for name, columns in (
        ("ix_technology_evidence", order),
        ("ix_technology_browse_evidence", [sa.text("category"), *order]),
    ):
        op.create_index(name, "technology", columns, postgresql_where=published)


def _load_synonyms() -> None:
    """Once: from then on they are edited in the hub."""
    file = resources.files("innohub.market.finding").joinpath("reference", "synonyms.yaml")
    sets = yaml.safe_load(file.read_text("utf-8"))
    op.get_bind().execute(
        sa.text(
            "INSERT INTO synonym_set (created_at, use, words, revision)"
            " VALUES ('2026-01-01', :use, :words, 1)"
        ),
        [{"use": use, "words": words} for use in sets for words in sets[use]],
    )


def _run(name: str) -> None:
    """Each statement of a file by itself: they begin at the margin."""
    for statement in re.split(r"^(?=CREATE )", (SQL / name).read_text("utf-8"), flags=re.M)[1:]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER search_learn ON technology")
    op.drop_column("technology", "evidence")
    op.drop_column("technology", "force_count")
    op.drop_column("technology", "best_verdict")
    op.drop_table("search_word")
    op.drop_table("synonym_set")
    op.execute(
        "DO $$ DECLARE name text; BEGIN FOR name IN SELECT oid::regprocedure FROM pg_proc"
        " WHERE proname LIKE 'search\\_%' AND pronamespace = 'public'::regnamespace"
        " LOOP EXECUTE 'DROP FUNCTION ' || name || ' CASCADE'; END LOOP; END $$"
    )
    op.execute("DROP TYPE search_reading")
