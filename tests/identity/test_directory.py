"""Organisations, people and their roles."""

import pytest
from sqlalchemy import func, select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, NotFound, NotSignedIn
from innohub.identity.actor import STRANGER, SYSTEM, Actor
from innohub.identity.commands import AddMembership, AddOrganisation, AddPerson
from innohub.identity.directory import (
    KIND_OF,
    add_membership,
    add_organisation,
    add_person,
)
from innohub.identity.models import Membership, Organisation, OrganisationKind, Person, Role
from innohub.outbox.models import AuditEntry
from tests import factories

ACME = {"kind": "supplier", "slug": "acme", "name": "Acme", "website": "", "summary": " "}
ADA = {"name": "Ada", "email": "Ada@people.example", "password": ""}


async def organisation(database: Database, actor: Actor = SYSTEM, **given: object) -> Organisation:
    async with database.unit_of_work(actor.signature()) as work:
        return await add_organisation(work, actor, AddOrganisation.parse({**ACME, **given}))


async def person(database: Database, actor: Actor = SYSTEM, **given: object) -> Person:
    async with database.unit_of_work(actor.signature()) as work:
        return await add_person(work, actor, AddPerson.parse({**ADA, **given}))


async def membership(
    database: Database, person_id: int, organisation_id: int, role: Role, actor: Actor = SYSTEM
) -> Membership:
    command = AddMembership(person_id=person_id, organisation_id=organisation_id, role=role)
    async with database.unit_of_work(actor.signature()) as work:
        return await add_membership(work, actor, command)


async def test_nobody_but_the_hub_adds_anybody(database: Database) -> None:
    supplier = await factories.a_supplier(database)
    admin = await factories.somebody(database, supplier, Role.SUPPLIER_ADMIN)
    for actor in (STRANGER, admin.actor, factories.client_of(supplier)):
        with pytest.raises((Denied, NotSignedIn)):
            await organisation(database, actor)
        with pytest.raises((Denied, NotSignedIn)):
            await person(database, actor)
        with pytest.raises((Denied, NotSignedIn)):
            await membership(database, admin.person.id, supplier.id, Role.SUPPLIER_EDITOR, actor)
    async with database.session() as session:
        assert (await session.scalar(select(func.count()).select_from(AuditEntry))) == 0
        assert (await session.scalar(select(func.count()).select_from(Membership))) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "Acme Ltd"},
        {"slug": "-acme"},
        {"website": "javascript:alert(1)"},
        {"website": "https://a b"},
        {"kind": "nonsense"},
        {"name": ""},
        {"surprise": "x"},
    ],
)
async def test_an_organisation_is_well_formed(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        AddOrganisation.parse({**ACME, **wrong})


@pytest.mark.parametrize("password", ["short", "x" * 257])
async def test_a_password_is_neither_short_nor_endless(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        AddPerson.parse({**ADA, "password": password})
    assert "12 to 256" in refused.value.message


async def test_a_slug_and_an_address_are_taken_once(database: Database) -> None:
    await organisation(database)
    await person(database)
    with pytest.raises(Conflict):
        await organisation(database, name="Another")
    with pytest.raises(Conflict):
        await person(database, email="ADA@PEOPLE.EXAMPLE")


async def test_a_role_is_held_once_in_an_organisation_of_its_kind(database: Database) -> None:
    acme, ada = await organisation(database), await person(database)
    await membership(database, ada.id, acme.id, Role.SUPPLIER_ADMIN)
    with pytest.raises(Conflict):
        await membership(database, ada.id, acme.id, Role.SUPPLIER_ADMIN)
    for role in (Role.FORCE_ANALYST, Role.BOARD_CHAIR, Role.PLATFORM_ADMIN):
        with pytest.raises(Invalid):
            await membership(database, ada.id, acme.id, role)
    for person_id, organisation_id in ((ada.id, 999_999), (999_999, acme.id)):
        with pytest.raises(NotFound):
            await membership(database, person_id, organisation_id, Role.SUPPLIER_EDITOR)


async def test_blank_fields_are_none_and_the_change_is_audited_without_personal_data(
    database: Database,
) -> None:
    acme, ada = await organisation(database), await person(database)
    await membership(database, ada.id, acme.id, Role.SUPPLIER_ADMIN)
    assert (acme.website, acme.summary, ada.password_hash) == (None, None, None)
    async with database.session() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.seq))).all()
    assert [entry.action for entry in entries] == [
        "organisation:add", "person:add", "membership:add",
    ]  # fmt: skip
    assert "Ada" not in str([entry.detail for entry in entries])


def test_every_role_belongs_to_a_kind_of_organisation() -> None:
    assert set(KIND_OF) == set(Role)
    assert set(KIND_OF.values()) == set(OrganisationKind)
