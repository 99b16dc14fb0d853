"""The reference lists that inputs choose from: dated, and each read once in a unit of work."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.identity.models import ReferenceValue
from innohub.market.working_days import london_date

READ = "reference lists"
"""Where a session keeps the lists that it has read, by name."""


async def values_of(work: UnitOfWork, name: str) -> Sequence[ReferenceValue]:
    """All values of the list `name`, in its order, those no longer in force among them, as they
    stood when this unit of work first asked."""
    read: dict[str, Sequence[ReferenceValue]] = work.session.info.setdefault(READ, {})
    if name not in read:
        of_list = select(ReferenceValue).where(ReferenceValue.list == name)
        read[name] = (await work.session.scalars(of_list.order_by(ReferenceValue.position))).all()
    return read[name]


async def in_force(work: UnitOfWork, name: str) -> Sequence[ReferenceValue]:
    """The values of the list `name` that are in force today, in its order."""
    today = london_date(work.now)
    return [
        value
        for value in await values_of(work, name)
        if value.valid_from <= today and not _ended(value, work)
    ]


async def not_ended(work: UnitOfWork, name: str, id: str) -> ReferenceValue | None:
    """One value that is in force today, or will be: what came before a list begins is measured by
    its first values."""
    return next(
        (
            value
            for value in await values_of(work, name)
            if value.id == id and not _ended(value, work)
        ),
        None,
    )


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
    wanted = set(ids)
    return [value.label for value in await values_of(work, name) if value.id in wanted]


def _ended(value: ReferenceValue, work: UnitOfWork) -> bool:
    return value.valid_to is not None and value.valid_to < london_date(work.now)
