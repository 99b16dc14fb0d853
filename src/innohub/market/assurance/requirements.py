"""Which assurance a listing must not lose, by its category, and whether it has."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import ReferenceValue
from innohub.market import reference_lists
from innohub.market.assurance.models import AssuranceItem
from innohub.market.assurance.models import AssuranceStatus as Status
from innohub.market.catalogue.models import Technology
from innohub.market.working_days import london_date

LIST = "assurance_type"


def required(types: Sequence[ReferenceValue], category: str) -> list[ReferenceValue]:
    """The types that listings of a category must keep, in the order of the passport."""
    return [type_ for type_ in types if _needed(type_, category)]


def meeting(types: Sequence[ReferenceValue], type_id: str) -> set[str]:
    """Types whose items cover `type_id`: itself, and those that include it."""
    return {type_id} | {t.id for t in types if type_id in t.detail.get("includes", [])}


async def lapsed(work: UnitOfWork, technology: Technology) -> list[ReferenceValue]:
    """Required types of which the listing's items have expired, and none that is verified holds.

    A renewal that nobody verified yet does not count: otherwise anything declared on the last day
    would keep a listing on the market.
    """
    types = await reference_lists.in_force(work, LIST)
    expired = await _types(work, technology.id, AssuranceItem.status == Status.EXPIRED)
    holding = await _types(work, technology.id, *in_force(work))
    return [
        type_
        for type_ in required(types, technology.category)
        if meeting(types, type_.id) & expired and not meeting(types, type_.id) & holding
    ]


async def unmet(work: UnitOfWork, technology: Technology) -> list[ReferenceValue]:
    """Required types of which the listing has nothing that is verified and in force: what it lacks
    of the assurance minimum."""
    types = await reference_lists.in_force(work, LIST)
    holding = await _types(work, technology.id, *in_force(work))
    return [
        type_
        for type_ in required(types, technology.category)
        if not meeting(types, type_.id) & holding
    ]


def in_force(work: UnitOfWork) -> tuple[object, ...]:
    """Conditions for items that count today: verified, and not past their last day."""
    today = london_date(work.now)
    return (
        AssuranceItem.status == Status.VERIFIED,
        or_(AssuranceItem.expires_on.is_(None), AssuranceItem.expires_on > today),
    )


async def label_of(work: UnitOfWork, type_id: str) -> str:
    """What people call a type, also one that is not in force any more."""
    labels = await reference_lists.labels_of(work, LIST, [type_id])
    return labels[0] if labels else type_id


def _needed(type_: ReferenceValue, category: str) -> bool:
    categories = type_.detail.get("required_for", [])
    return category in categories or "all" in categories


async def _types(work: UnitOfWork, technology_id: int, *conditions: object) -> set[str]:
    await work.session.flush()
    found = select(AssuranceItem.type).where(
        AssuranceItem.technology_id == technology_id,
        *conditions,  # type: ignore[arg-type]
    )
    return set(await work.session.scalars(found))
