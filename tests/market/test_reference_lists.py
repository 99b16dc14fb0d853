"""What inputs may choose from: by the day, in the list's order, read once."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import Invalid
from innohub.identity.actor import SYSTEM
from innohub.identity.models import ReferenceValue
from innohub.market import reference_lists
from tests.statements import statements

LIST = "biscuit"
IN_2026 = date(2026, 1, 1)


def biscuit(id: str, position: int, since: date, until: date | None = None) -> ReferenceValue:
    return ReferenceValue(
        list=LIST,
        id=id,
        label=id.title(),
        position=position,
        detail={},
        valid_from=since,
        valid_to=until,
    )


@pytest_asyncio.fixture
async def work(database: Database) -> AsyncIterator[UnitOfWork]:
    """A unit of work on 2 November 2026, rolled back at the end."""
    async with database.session() as session:
        work = UnitOfWork(session, datetime(2026, 11, 2, 9, 0, tzinfo=UTC), SYSTEM.signature())
        session.add_all(
            [
                biscuit("shortbread", 3, IN_2026),
                biscuit("digestive", 1, IN_2026, date(2026, 11, 2)),
                biscuit("ginger nut", 2, IN_2026, date(2026, 11, 1)),
                biscuit("garibaldi", 4, date(2026, 11, 3)),
            ]
        )
        await session.flush()
        yield work
        await session.rollback()


async def test_a_value_may_be_chosen_from_its_first_day_to_its_last(work: UnitOfWork) -> None:
    values = await reference_lists.in_force(work, LIST)
    assert [value.id for value in values] == ["digestive", "shortbread"]


async def test_what_is_not_in_force_is_refused_by_name(work: UnitOfWork) -> None:
    with pytest.raises(
        Invalid, match="Not in the list “biscuit”: garibaldi, ginger nut"
    ) as refusal:
        await reference_lists.chosen_from(
            work, LIST, ["shortbread", "ginger nut", "garibaldi"], field="biscuit"
        )
    assert refusal.value.field == "biscuit"


async def test_what_comes_before_a_list_begins_is_measured_by_its_first_values(
    work: UnitOfWork,
) -> None:
    first = await reference_lists.not_ended(work, LIST, "garibaldi")
    assert first is not None
    assert first.label == "Garibaldi"
    assert await reference_lists.not_ended(work, LIST, "ginger nut") is None
    assert await reference_lists.not_ended(work, LIST, "cracker") is None


async def test_labels_come_in_the_lists_order_and_of_what_has_ended_too(work: UnitOfWork) -> None:
    labels = await reference_lists.labels_of(work, LIST, ["garibaldi", "ginger nut"])
    assert labels == ["Ginger Nut", "Garibaldi"]


async def test_a_list_is_read_once_in_a_unit_of_work_however_often_it_is_asked(
    work: UnitOfWork, database: Database
) -> None:
    with statements(database) as sent:
        for id in ("shortbread", "digestive"):
            await reference_lists.chosen_from(work, LIST, [id], field="biscuit")
            await reference_lists.labels_of(work, LIST, [id])
    assert len(sent) == 1
