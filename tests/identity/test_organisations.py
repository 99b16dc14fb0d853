"""Organisations get other names and places, people move between them, and nothing that points at
them is lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from innohub.db import identifiers, reference
from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, InnoHubError, Invalid, NotFound, WrongState
from innohub.identity.models import Membership, Organisation, OrganisationKind, Role
from innohub.identity.organisations.changing import change_organisation
from innohub.identity.organisations.commands import ChangeOrganisation, MovePerson
from innohub.identity.organisations.models import FormerEntry
from innohub.identity.organisations.moving import move_person
from innohub.identity.organisations.naming import answering
from innohub.identity.step_up import StepUpRequired
from innohub.outbox.models import AuditEntry
from tests.conftest import Clock
from tests.factories import Somebody, a_supplier, an_organisation, somebody, the_force

REASON = "Ordered by the Home Secretary."


@pytest.fixture
async def operator(database: Database) -> Somebody:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    return await somebody(database, company, Role.PLATFORM_ADMIN)


async def a_force(database: Database, name: str) -> Organisation:
    return await an_organisation(database, OrganisationKind.FORCE, name)


async def change(
    database: Database, by: Somebody, organisation: Organisation, **given: Any
) -> Organisation:
    kind = {"force": "Force", "supplier": "Supplier"}.get(organisation.kind, "Body")
    command = ChangeOrganisation.parse(
        {
            "organisation_id": identifiers.encode(kind, organisation.id),
            "reason": REASON,
            **given,
        }
    )
    async with database.unit_of_work(by.actor.signature()) as work:
        return await change_organisation(work, by.actor, command)


async def move(database: Database, by: Somebody, **given: Any) -> Organisation:
    async with database.unit_of_work(by.actor.signature()) as work:
        return await move_person(work, by.actor, MovePerson.parse({"reason": REASON, **given}))


async def answers_to(database: Database, slug: str) -> int | None:
    async with database.session() as session:
        found: int | None = await session.scalar(select(answering(slug)))
        return found


async def test_every_slug_that_it_ever_had_leads_to_it_and_to_nobody_else(
    database: Database, operator: Somebody
) -> None:
    supplier = await a_supplier(database, "Plovergate")
    await change(database, operator, supplier, slug="plover", name="Plover")
    await change(database, operator, supplier, slug="heron")
    for slug in ("plovergate", "plover", "heron"):
        assert await answers_to(database, slug) == supplier.id
    assert await answers_to(database, "never") is None
    other = await a_supplier(database, "Curlew")
    with pytest.raises(Conflict):
        await change(database, operator, other, slug="plovergate")
    # It may have its own back.
    assert (await change(database, operator, supplier, slug="plovergate")).slug == "plovergate"
    async with database.session() as session:
        before = await session.scalars(select(FormerEntry).order_by(FormerEntry.id))
        assert [(one.name, one.slug) for one in before] == [
            ("Plovergate", "plovergate"), ("Plover", "plover"), ("Plover", "heron"),
        ]  # fmt: skip
        trail = select(AuditEntry).where(AuditEntry.action == "organisation:change")
        first = (await session.scalars(trail.order_by(AuditEntry.seq))).first()
        assert first is not None
        assert first.reason == REASON
        assert first.detail == {
            "before": {"name": "Plovergate", "slug": "plovergate"},
            "after": {"name": "Plover", "slug": "plover"},
        }


async def test_of_two_who_want_one_slug_at_once_one_gets_it(
    database: Database, operator: Somebody
) -> None:
    both = [await a_supplier(database), await a_supplier(database)]
    done = await asyncio.gather(
        *(change(database, operator, one, slug="wanted") for one in both), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "Organisation"]


async def test_a_force_is_put_under_another_kind_and_region(
    database: Database, operator: Somebody
) -> None:
    force = await a_force(database, "Moors Police")
    moved = await change(
        database, operator, force, force_kind="special", nation="wales", region="wales"
    )
    assert (moved.force_kind, moved.nation, moved.region) == ("special", "wales", "wales")


async def test_what_cannot_be_changed_is_refused_and_nothing_changes(
    database: Database, operator: Somebody, clock: Clock
) -> None:
    supplier = await a_supplier(database, "Plovergate")
    ended = await a_force(database, "Ended")
    async with database.session() as session, session.begin():
        row = await session.get_one(Organisation, ended.id)
        row.successor_id = (await the_force(database)).id
    refusals: list[tuple[Organisation, dict[str, Any], type[InnoHubError]]] = [
        (supplier, {}, Invalid),
        (supplier, {"name": "Plovergate"}, Invalid),
        (supplier, {"slug": "Plover Gate"}, Invalid),
        (supplier, {"name": "P", "reason": "short"}, Invalid),
        (supplier, {"region": "wales"}, Invalid),
        (ended, {"name": "Another"}, WrongState),
        (await a_force(database, "Here"), {"region": "atlantis"}, Invalid),
        (Organisation(id=999_999, kind=OrganisationKind.FORCE), {"name": "A"}, NotFound),
    ]
    for organisation, given, error in refusals:
        with pytest.raises(error):
            await change(database, operator, organisation, **given)
    admin = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
    with pytest.raises(Denied):
        await change(database, admin, supplier, name="Ours")
    assert operator.actor.proved is not None
    stale = replace(operator.actor.proved, at=clock() - timedelta(minutes=16))
    late = replace(operator, actor=replace(operator.actor, proved=stale))
    with pytest.raises(StepUpRequired):
        await change(database, late, supplier, name="Ours")
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(FormerEntry)) == 0


async def test_the_reference_list_of_forces_does_not_undo_what_an_operator_changed(
    database: Database, operator: Somebody
) -> None:
    kent = await the_force(database)
    try:
        await change(database, operator, kent, slug="kent-and-more", name="Kent and More")
        async with database.engine.begin() as connection:
            await connection.run_sync(reference.load)
        async with database.session() as session:
            assert (
                await session.scalar(select(func.count()).where(Organisation.slug == "kent")) == 0
            )
            assert (await session.get_one(Organisation, kent.id)).name == "Kent and More"
    finally:
        async with database.session() as session, session.begin():
            restored = text("UPDATE organisation SET slug = 'kent', name = :name WHERE id = :id")
            await session.execute(restored, {"name": kent.name, "id": kent.id})


async def test_somebody_moves_with_every_role_they_hold(
    database: Database, operator: Somebody
) -> None:
    left, joined = await a_force(database, "Left"), await a_force(database, "Joined")
    moved = await somebody(database, left, Role.FORCE_ANALYST)
    stays = await somebody(database, left, Role.FORCE_ANALYST)
    async with database.session() as session, session.begin():
        for organisation, role in ((left, Role.FORCE_VIEWER), (joined, Role.FORCE_VIEWER)):
            session.add(
                Membership(
                    person_id=moved.person.id, organisation_id=organisation.id, role=role,
                    reviewer_types=[], from_provider=True, created_at=database.clock(),
                )
            )  # fmt: skip
    ids = {
        "from_id": identifiers.encode("Force", left.id),
        "to_id": identifiers.encode("Force", joined.id),
    }
    await move(database, operator, email=moved.person.email.upper(), **ids)
    async with database.session() as session:
        rows = await session.scalars(select(Membership).order_by(Membership.id))
        held = [(one.person_id, one.organisation_id, one.role) for one in rows]
        assert (stays.person.id, left.id, Role.FORCE_ANALYST) in held
        assert sorted(one for one in held if one[0] == moved.person.id) == [
            (moved.person.id, joined.id, Role.FORCE_ANALYST),
            (moved.person.id, joined.id, Role.FORCE_VIEWER),
        ]
    supplier = await a_supplier(database)
    elsewhere = {"from_id": ids["to_id"], "to_id": identifiers.encode("Supplier", supplier.id)}
    refusals: list[tuple[dict[str, Any], type[InnoHubError]]] = [
        ({"email": moved.person.email, **ids}, NotFound),
        ({"email": moved.person.email, **elsewhere}, Invalid),
        ({"email": moved.person.email, "from_id": ids["to_id"], "to_id": ids["to_id"]}, Invalid),
        ({"email": "nobody@people.example", **ids}, NotFound),
    ]
    for given, error in refusals:
        with pytest.raises(error):
            await move(database, operator, **given)
    with pytest.raises(Denied):
        await move(database, stays, email=stays.person.email, **ids)
