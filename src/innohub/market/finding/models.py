"""What a search knows beside the listings: words that stand for each other, and words there are.

How these are used is written in SQL, `search_read` in the migrations: a search stays one statement.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Computed, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of


class SynonymUse(StrEnum):
    ALIKE = "alike"
    """The words stand for each other: whoever asks for one finds the others, too."""
    LITTLE = "little"
    """The words say little about a technology: they are left out where a search has others."""


class SynonymSet(Entity):
    """Words of policing, or phrases, as officers type them. Kept by the catalogue's reviewers."""

    __tablename__ = "synonym_set"
    __table_args__ = (one_of("use", SynonymUse),)

    use: Mapped[SynonymUse]
    words: Mapped[list[str]]
    retired_at: Mapped[datetime | None]
    """From then on no search uses it."""
    revision: Mapped[int] = mapped_column()

    targets: Mapped[Any] = mapped_column(
        ARRAY(TSQUERY), Computed("search_targets(words)", persisted=True), deferred=True
    )
    """What stands in a search for each of the words: all of its lexemes."""
    any_of: Mapped[Any] = mapped_column(
        TSQUERY, Computed("search_any(words)", persisted=True), deferred=True
    )
    """Finds any of the words, phrases as phrases."""
    lexemes: Mapped[Any] = mapped_column(
        ARRAY(Text), Computed("search_lexemes(words)", persisted=True), deferred=True
    )

    __mapper_args__ = {"version_id_col": revision}


class SearchWord(Model):
    """A word that some listing has, or had, when it was published: what a mistyped word may mean.

    A trigger on `technology` adds them. What is read of it is checked against the listings.
    """

    __tablename__ = "search_word"
    __table_args__ = (
        Index("ix_search_word_lexeme", "lexeme"),
        Index("ix_search_word_deletes", "deletes", postgresql_using="gin"),
    )

    word: Mapped[str] = mapped_column(primary_key=True)
    lexeme: Mapped[str | None] = mapped_column(Computed("search_lexeme(word)", persisted=True))
    deletes: Mapped[list[str]] = mapped_column(
        Computed("search_deletes(word)", persisted=True), nullable=True
    )
    """The word without one letter, a long one also without two: see `search_deletes`."""
