"""Forces merge: their history stays, their people go on, and nothing open is broken."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.errors import Denied, InnoHubError, Invalid, WrongState
from innohub.identity.models import Membership, Organisation, OrganisationKind, Role
from innohub.identity.step_up import StepUpRequired
from innohub.market.challenges.models import Challenge, ChallengeState
from innohub.market.succession import service
from innohub.market.succession.commands import MergeOrganisation
from innohub.outbox.models import AuditEntry
from tests.conftest import Clock
from tests.factories import Somebody, an_organisation, somebody, the_force


@pytest.fixture
async def operator(database: Database) -> Somebody:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    return await somebody(database, company, Role.PLATFORM_ADMIN)


async def a_force(database: Database) -> Organisation:
    return await an_organisation(database, OrganisationKind.FORCE)


def given(ending: Organisation, successor: Organisation, **changed: Any) -> MergeOrganisation:
    return MergeOrganisation.parse(
        {
            "organisation_id": identifiers.encode("Force", ending.id),
            "successor_id": identifiers.encode("Force", successor.id),
            "last_day": date(2026, 12, 31),
            "reason": "The Home Secretary's order of 2026.",
            **changed,
        }
    )


async def merge(database: Database, by: Somebody, command: MergeOrganisation) -> Organisation:
    async with database.unit_of_work(by.actor.signature()) as work:
        return await service.merge_organisation(work, by.actor, command)


async def test_people_go_on_in_the_successor_and_the_force_keeps_its_id(
    database: Database, operator: Somebody
) -> None:
    ending, successor = await a_force(database), await the_force(database)
    analyst = await somebody(database, ending, Role.FORCE_ANALYST)
    both = await somebody(database, ending, Role.FORCE_VIEWER)
    async with database.session() as session, session.begin():
        session.add(
            Membership(
                person_id=both.person.id,
                organisation_id=successor.id,
                role=Role.FORCE_VIEWER,
                reviewer_types=[],
                created_at=database.clock(),
            )
        )
    merged = await merge(database, operator, given(ending, successor))
    assert (merged.id, merged.successor_id) == (ending.id, successor.id)
    assert merged.valid_to == date(2026, 12, 31)
    async with database.session() as session:
        rows = await session.execute(
            select(Membership.person_id, Membership.organisation_id).where(
                Membership.person_id.in_([analyst.person.id, both.person.id])
            )
        )
        assert sorted(tuple(one) for one in rows) == sorted(
            [(analyst.person.id, successor.id), (both.person.id, successor.id)]
        )
        entry = (
            await session.scalars(
                select(AuditEntry).where(AuditEntry.action == "organisation:merge")
            )
        ).one()
        assert (entry.object_id, entry.detail["memberships_moved"]) == (ending.id, 1)
        assert entry.reason is not None


async def test_it_is_refused_while_something_is_open(
    database: Database, operator: Somebody, clock: Clock
) -> None:
    ending, successor = await a_force(database), await the_force(database)
    async with database.session() as session, session.begin():
        session.add(
            Challenge(
                force_id=ending.id,
                title="Fewer hours",
                problem="Redaction takes too long.",
                kpi="KPI-01",
                category="CAT-01",
                state=ChallengeState.DRAFT,
                revision=1,
                created_at=clock(),
            )
        )
    with pytest.raises(WrongState) as refused:
        await merge(database, operator, given(ending, successor))
    assert refused.value.rule == "nothing_left_open"
    assert "(challenges not closed: 1)" in refused.value.message
    async with database.session() as session:
        row = await session.get_one(Organisation, ending.id)
        assert (row.successor_id, row.valid_to) == (None, None)


async def test_no_force_follows_itself_nor_one_that_has_ended(
    database: Database, operator: Somebody
) -> None:
    one, two, three = [await a_force(database) for _ in range(3)]
    refusals: list[tuple[MergeOrganisation, type[InnoHubError]]] = [
        (given(one, one), Invalid),
        (given(one, two, last_day=date(2040, 1, 1)), Invalid),
    ]
    for command, error in refusals:
        with pytest.raises(error):
            await merge(database, operator, command)
    await merge(database, operator, given(one, two))
    for command in (given(one, three), given(two, one)):
        with pytest.raises(WrongState):
            await merge(database, operator, command)


async def test_only_an_operator_who_showed_lately_who_they_are(
    database: Database, operator: Somebody, clock: Clock
) -> None:
    one, two = await a_force(database), await a_force(database)
    chief = await somebody(database, one, Role.FORCE_CHIEF_OFFICER)
    with pytest.raises(Denied):
        await merge(database, chief, given(one, two))
    assert operator.actor.proved is not None
    stale = replace(operator.actor.proved, at=clock() - timedelta(minutes=16))
    with pytest.raises(StepUpRequired):
        await merge(
            database,
            replace(operator, actor=replace(operator.actor, proved=stale)),
            given(one, two),
        )
