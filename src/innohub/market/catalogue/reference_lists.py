"""Inputs that must be ids of a reference list."""

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.identity.models import ReferenceValue
from innohub.market.working_days import london_date


async def in_force(work: UnitOfWork, name: str) -> Sequence[ReferenceValue]:
    """The values of the list `name` that are in force today, in its order."""
    today = london_date(work.now)
    return (
        await work.session.scalars(
            select(ReferenceValue)
            .where(
                ReferenceValue.list == name,
                ReferenceValue.valid_from <= today,
                or_(ReferenceValue.valid_to.is_(None), ReferenceValue.valid_to >= today),
            )
            .order_by(ReferenceValue.position)
        )
    ).all()


async def chosen_from(
    work: UnitOfWork, name: str, ids: Iterable[str], *, field: str
) -> dict[str, ReferenceValue]:
    """The values of `ids` in the list `name`, by id. Raises Invalid for one not in force today."""
    wanted = set(ids)
    values = {value.id: value for value in await in_force(work, name) if value.id in wanted}
    unknown = sorted(wanted - values.keys())
    if unknown:
        listed = ", ".join(unknown)
        raise Invalid(f"Not in the list “{name.replace('_', ' ')}”: {listed}.", field=field)
    return values


async def labels_of(work: UnitOfWork, name: str, ids: Iterable[str]) -> Sequence[str]:
    """The labels of `ids` in the list `name`, in its order; also of values no longer in force."""
    return (
        await work.session.scalars(
            select(ReferenceValue.label)
            .where(ReferenceValue.list == name, ReferenceValue.id.in_(set(ids)))
            .order_by(ReferenceValue.position)
        )
    ).all()
