"""Which listings may answer a challenge, and which pilots teach something about it: by KPI, by
category, and by words. Not stored: worked out from what is there now."""

from typing import Any

from sqlalchemy import (
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
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, aliased

from innohub.db.model import Model
from innohub.db.unit_of_work import UnitOfWork
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.challenges.matching import (
    ENOUGH_WORDS,
    MOST,
    PUBLISHED,
    TITLE,
    fits_listing,
    shared_words,
)
from innohub.market.challenges.models import Challenge
from innohub.market.constants import in_states
from innohub.market.pilots import policy
from innohub.market.pilots.models import Pilot

WEIGHTS = {"kpi": 4, "category": 2}
"""Beside one for each word in common."""
ENGLISH: Any = literal_column("'english'::regconfig")
WEIGHT_A: Any = literal_column("'A'::\"char\"")
_ENOUGH: ColumnElement[int] = literal_column(str(ENOUGH_WORDS))
_ONE: ColumnElement[int] = literal_column("1")


def registered(pilot: Any) -> ColumnElement[bool]:
    """Pilots that everybody may read of: in the public register, or from the literature."""
    return or_(in_states(pilot.state, policy.REGISTERED), pilot.citation.is_not(None))


def _piloted_on(challenge: Any, technology: Any) -> ColumnElement[bool]:
    pilot = aliased(Pilot)
    return (
        select(_ONE)
        .select_from(pilot)
        .where(pilot.technology_id == technology.id, pilot.kpi == challenge.kpi, registered(pilot))
        .correlate_except(pilot)
        .exists()
    )


def _points(kpi: Any, category: Any, words: Any) -> ColumnElement[int]:
    return cast(
        case((kpi, WEIGHTS["kpi"]), else_=0)
        + case((category, WEIGHTS["category"]), else_=0)
        + words,
        Integer,
    )


def _listings() -> Any:
    challenge, technology = aliased(Challenge), aliased(Technology)
    kpi, category = (
        _piloted_on(challenge, technology),
        technology.category == challenge.category,
    )
    words = shared_words(challenge.search, technology.search)
    published = technology.state == PUBLISHED
    return (
        select(
            challenge.id.label("challenge_id"),
            technology.id.label("technology_id"),
            type_coerce(kpi, Boolean).label("same_kpi"),
            type_coerce(category, Boolean).label("same_category"),
            words.label("shared_words"),
            _points(kpi, category, words).label("points"),
        )
        .select_from(challenge)
        .join(technology, and_(published, or_(fits_listing(challenge, technology), kpi)))
        .subquery("challenge_listing")
    )


def _pilots() -> Any:
    challenge, pilot, technology = aliased(Challenge), aliased(Pilot), aliased(Technology)
    kpi, category = pilot.kpi == challenge.kpi, technology.category == challenge.category
    title = func.setweight(func.to_tsvector(ENGLISH, pilot.title), WEIGHT_A, type_=TSVECTOR)
    words = shared_words(challenge.search, title, TITLE)
    alike = or_(kpi, words >= _ENOUGH, and_(category, words >= _ONE))
    return (
        select(
            challenge.id.label("challenge_id"),
            pilot.id.label("pilot_id"),
            type_coerce(kpi, Boolean).label("same_kpi"),
            type_coerce(category, Boolean).label("same_category"),
            words.label("shared_words"),
            _points(kpi, category, words).label("points"),
        )
        .select_from(challenge)
        .join(pilot, registered(pilot))
        .join(technology, technology.id == pilot.technology_id)
        .where(alike)
        .subquery("challenge_pilot")
    )


_LISTINGS, _PILOTS = _listings(), _pilots()


class ListingMatch(Model):
    """A published listing that may answer a challenge. `same_kpi`: it was piloted on that KPI."""

    __table__ = _LISTINGS
    __mapper_args__ = {"primary_key": [_LISTINGS.c.challenge_id, _LISTINGS.c.technology_id]}

    challenge_id: Mapped[int]
    technology_id: Mapped[int]
    same_kpi: Mapped[bool]
    same_category: Mapped[bool]
    shared_words: Mapped[int]
    points: Mapped[int]


class PilotMatch(Model):
    """A registered pilot, or a published trial, that teaches something about a challenge."""

    __table__ = _PILOTS
    __mapper_args__ = {"primary_key": [_PILOTS.c.challenge_id, _PILOTS.c.pilot_id]}

    challenge_id: Mapped[int]
    pilot_id: Mapped[int]
    same_kpi: Mapped[bool]
    same_category: Mapped[bool]
    shared_words: Mapped[int]
    points: Mapped[int]


async def suppliers_by_kpi(work: UnitOfWork, challenge_id: int) -> list[int]:
    """Ids of the suppliers with a published listing that was piloted on the challenge's KPI."""
    challenge = await work.session.get_one(Challenge, challenge_id)
    found = await work.session.scalars(
        select(Technology.supplier_id)
        .distinct()
        .join(Pilot, Pilot.technology_id == Technology.id)
        .where(
            Technology.state == ListingState.PUBLISHED,
            Pilot.kpi == challenge.kpi,
            registered(Pilot),
        )
        .order_by(Technology.supplier_id)
        .limit(MOST)
    )
    return list(found)
