"""What is like a challenge: other challenges, and listings by category and by words.

Two texts share enough words where two of the title's, by their stems, stand in the other's name and
summary, or title: few enough to explain, and one word alone says little.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Mapped, aliased

from innohub.db.model import Model
from innohub.db.unit_of_work import UnitOfWork
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.challenges.models import (
    JOINING,
    RESPONDING,
    Challenge,
    ChallengeResponse,
)
from innohub.market.constants import in_states

ENOUGH_WORDS = 2
MOST = 200
"""Suppliers told of one challenge."""
MOST_CHALLENGES = 20
"""Challenges told of one listing."""
TITLE = "{a}"
NAME_AND_SUMMARY = "{a,b}"
PUBLISHED: ColumnElement[str] = literal_column(f"'{ListingState.PUBLISHED}'")


def shared_words(
    one: Any, other: Any, weights: str = NAME_AND_SUMMARY, of: str = TITLE
) -> ColumnElement[int]:
    """How many words of one text, those of the weights `of`, stand in the other's `weights`."""
    return func.shared_words(_filtered(one, of), _filtered(other, weights), type_=Integer)


def _filtered(search: Any, weights: str) -> Any:
    return func.ts_filter(search, literal_column(f"'{weights}'::\"char\"[]"))


def fits_listing(challenge: Any, technology: Any) -> ColumnElement[bool]:
    """Published listings of the challenge's category, or with enough of its words."""
    words = shared_words(challenge.search, technology.search) >= literal_column(str(ENOUGH_WORDS))
    return and_(
        technology.state == PUBLISHED, or_(technology.category == challenge.category, words)
    )


def _alike() -> Any:
    """Every two challenges of which the second is open and like the first, and what they share."""
    one, other = aliased(Challenge), aliased(Challenge)
    same_kpi = one.kpi == other.kpi
    same_category = one.category == other.category
    words = shared_words(one.search, other.search, TITLE)
    enough = words >= literal_column(str(ENOUGH_WORDS))
    points = case((same_kpi, 3), else_=0) + case((same_category, 1), else_=0) + words
    return (
        select(
            one.id.label("challenge_id"),
            other.id.label("other_id"),
            type_coerce(same_kpi, Boolean).label("same_kpi"),
            type_coerce(same_category, Boolean).label("same_category"),
            words.label("shared_words"),
            cast(points, Integer).label("points"),
        )
        .select_from(one)
        .join(
            other,
            and_(other.id != one.id, in_states(other.state, JOINING), or_(same_kpi, enough)),
        )
        .subquery("challenge_alike")
    )


_ALIKE = _alike()


class SimilarChallenge(Model):
    """One challenge as like another: of one KPI, or with words in common. Not stored."""

    __table__ = _ALIKE
    __mapper_args__ = {"primary_key": [_ALIKE.c.challenge_id, _ALIKE.c.other_id]}

    challenge_id: Mapped[int]
    other_id: Mapped[int]
    same_kpi: Mapped[bool]
    same_category: Mapped[bool]
    shared_words: Mapped[int]
    points: Mapped[int]


async def matching_suppliers(work: UnitOfWork, challenge: Challenge) -> list[int]:
    """Ids of the suppliers with a listing that fits, those with the most words in common first."""
    mine = aliased(Challenge)
    words = shared_words(mine.search, Technology.search)
    found = await work.session.execute(
        select(Technology.supplier_id, func.max(words).label("words"))
        .join(mine, mine.id == cast(challenge.id, BigInteger))
        .where(fits_listing(mine, Technology))
        .group_by(Technology.supplier_id)
        .order_by(func.max(words).desc(), Technology.supplier_id)
        .limit(MOST)
    )
    return [row.supplier_id for row in found]


async def open_to(work: UnitOfWork, technology: Technology) -> list[Challenge]:
    """Challenges that suppliers respond to now and that the listing fits, the newest first; not
    those that its supplier has responded to."""
    answered = (
        select(ChallengeResponse.id)
        .where(
            ChallengeResponse.challenge_id == Challenge.id,
            ChallengeResponse.supplier_id == technology.supplier_id,
        )
        .exists()
    )
    found = await work.session.scalars(
        select(Challenge)
        .join(Technology, fits_listing(Challenge, Technology))
        .where(Technology.id == technology.id, in_states(Challenge.state, RESPONDING), ~answered)
        .order_by(Challenge.id.desc())
        .limit(MOST_CHALLENGES)
    )
    return list(found)
