"""Listings that may be the same thing under another name, for the reviewer to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy
from innohub.market.catalogue.models import ListingState, Technology

LOOKED_AT = 40
"""So many listings that share words with it are compared word by word."""
SHOWN = 5
ALIKE = 0.3
"""The share of words in common from which two listings may be one."""
STANDING = (ListingState.PUBLISHED, ListingState.IN_REVIEW, ListingState.SUSPENDED)
ENGLISH: Any = literal_column("'english'::regconfig")


@dataclass(frozen=True)
class Duplicate:
    """A listing like another, and how alike: the share of the words of name and summary that both
    have, 0 to 1."""

    slug: str
    name: str
    supplier: str
    state: ListingState
    likeness: float


async def possible_duplicates(
    session: AsyncSession, viewer: Viewer, slug: str
) -> Sequence[Duplicate]:
    """The published and submitted listings most like this one, the likest first. Reviewers alone
    are told: to others it would show what competitors have submitted."""
    if not viewer.holds(Permission.LISTING_REVIEW):
        return []
    one, other = aliased(Technology), aliased(Technology)
    words = _lexemes(one)
    query = cast(func.array_to_string(_quoted(words), " | "), TSQUERY)
    rank = func.ts_rank(other.search, query)
    rows = await session.execute(
        select(other, Organisation.name, words.label("mine"), _lexemes(other).label("theirs"))
        .join(Organisation, Organisation.id == other.supplier_id)
        .join(one, and_(one.slug == slug, policy.visible(one, viewer)))
        .where(
            other.id != one.id,
            other.state.in_(STANDING),
            policy.visible(other, viewer),
            or_(other.search.op("@@")(query), other.name == one.name),
        )
        .order_by(rank.desc(), other.id)
        .limit(LOOKED_AT)
    )
    found = [
        Duplicate(row.slug, row.name, supplier, row.state, _likeness(mine, theirs))
        for row, supplier, mine, theirs in rows
    ]
    alike = [duplicate for duplicate in found if duplicate.likeness >= ALIKE]
    return sorted(alike, key=lambda duplicate: (-duplicate.likeness, duplicate.slug))[:SHOWN]


def _lexemes(row: Any) -> ColumnElement[Any]:
    """The words of name and summary by their stems."""
    text = row.name.concat(" ").concat(row.summary)
    return func.tsvector_to_array(func.to_tsvector(ENGLISH, text), type_=ARRAY(Text))


def _quoted(words: ColumnElement[Any]) -> ColumnElement[Any]:
    """Each word as a query may hold it, whatever is in it."""
    word = func.unnest(words).column_valued("word")
    plain = func.replace(func.replace(word, "\\", "\\\\"), "'", "''")
    return select(func.array_agg(func.concat("'", plain, "'"))).scalar_subquery()


def _likeness(mine: Sequence[str], theirs: Sequence[str]) -> float:
    both, either = set(mine) & set(theirs), set(mine) | set(theirs)
    return len(both) / len(either) if either else 0.0
