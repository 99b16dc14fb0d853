"""Programs: registered, given new secrets and ended on pages; what people allow them."""

from datetime import timedelta

import pytest_asyncio
from starlette.applications import Starlette

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, Role
from innohub.settings import Settings
from tests import factories
from tests.conftest import Clock
from tests.identity.a_hub import basic
from tests.security.flow import Person, a_program
from tests.web.visitor import Visitor

REGISTERED = {
    "name": "Product system", "scopes": ["listings.read", "pilots.respond"], "proof": "secret",
    "redirect_uris": "https://program.example/back\nhttps://program.example/other",
    "dpop_bound": "false",
}  # fmt: skip

CHANGED = {
    "name": "Product desk", "scopes": ["listings.read"], "redirect_uris": "",
    "dpop_bound": "false", "par_required": "true",
}  # fmt: skip


@pytest_asyncio.fixture
async def supplier(database: Database) -> Organisation:
    return await factories.a_supplier(database)


@pytest_asyncio.fixture
async def admin(
    app: Starlette, settings: Settings, database: Database, supplier: Organisation
) -> Person:
    somebody = await factories.somebody(database, supplier, Role.SUPPLIER_ADMIN, "Ada Admin")
    return await Person.at(app, settings, somebody.person)


async def works(visitor: Visitor, client_id: str, secret: str) -> bool:
    form = {"grant_type": "client_credentials"}
    answer = await visitor.client.post("/oauth/token", data=form, headers=basic(client_id, secret))
    return answer.status_code == 200


async def test_only_who_manages_programs_sees_their_pages(
    visitor: Visitor, database: Database, supplier: Organisation
) -> None:
    assert (await visitor.client.get("/programs")).status_code == 303
    viewer = await factories.somebody(database, supplier, Role.SUPPLIER_VIEWER)
    await visitor.sign_in_as(viewer.person)
    program = await a_program(database, supplier)
    for page, status in (("/programs", 403), ("/programs/new", 403), ("/programs/1", 404)):
        assert (await visitor.see(page)).status == status
    assert program.id == 1


async def test_an_administrator_registers_changes_the_secret_and_ends_a_program(
    admin: Person,
) -> None:
    wrong = {**REGISTERED, "name": "", "redirect_uris": "http://program.example/back"}
    refused = await admin.send("/programs/new", "register", wrong)
    assert refused.status == 400
    assert any("https://" in problem for problem in refused.problems)
    made = await admin.send("/programs/new", "register", REGISTERED)
    client_id, secret = [code.text for code in made.main.all("code")]
    assert await works(admin, client_id, secret)
    page = await admin.see("/programs")
    assert client_id in page.main.text
    assert secret not in page.response.text
    assert "accept or decline pilots" in page.main.text
    [id] = [card["id"] for card in page.main.all(class_="govuk-summary-card")]
    changed = await admin.send(
        "/programs/1", "change", {**CHANGED, "redirect_uris": "http://a.example"}, client_id=id
    )
    assert any("https://" in problem for problem in changed.problems)
    changed = await admin.send("/programs/1", "change", CHANGED, client_id=id)
    assert changed.flash == "Product desk is changed."
    assert "accept or decline pilots" not in changed.main.text
    assert "Acts for people" not in changed.main.text
    again = await admin.send("/programs", "rotate", {"overlap_hours": "24"}, client_id=id)
    fresh = again.main.all("code")[1].text
    assert [await works(admin, client_id, one) for one in (secret, fresh)] == [True, True]
    assert "The old secret counts until" in (await admin.see("/programs")).main.text
    third = await admin.send("/programs", "rotate", {"overlap_hours": "24"}, client_id=id)
    assert third.status == 409
    leaked = await admin.send("/programs", "rotate", {"overlap_hours": "0"}, client_id=id)
    last = leaked.main.all("code")[1].text
    assert [await works(admin, client_id, one) for one in (secret, fresh, last)] == [
        False, False, True,
    ]  # fmt: skip
    ended = await admin.send("/programs", "revoke", {}, client_id=id)
    assert ended.flash == "The program has ended."
    assert not await works(admin, client_id, last)


async def test_a_secret_is_not_made_at_a_screen_that_was_left_alone(
    admin: Person, clock: Clock
) -> None:
    clock.now += timedelta(minutes=20)
    asked = await admin.send("/programs/new", "register", REGISTERED)
    assert asked.heading != "Product system"


async def test_a_force_registers_a_program_of_its_own(
    app: Starlette, settings: Settings, database: Database
) -> None:
    kent = await factories.the_force(database)
    lead = await factories.somebody(database, kent, Role.FORCE_INNOVATION_LEAD)
    browser = await Person.at(app, settings, lead.person)
    given = {"name": "Records", "scopes": ["results.write"], "proof": "secret"}
    made = await browser.send("/programs/new", "register", {**given, "dpop_bound": "false"})
    client_id, secret = [code.text for code in made.main.all("code")]
    assert await works(browser, client_id, secret)
    page = await browser.see("/programs/new")
    assert "write your listings" not in page.main.text


async def test_a_person_sees_what_acts_for_them_and_ends_it(
    admin: Person, database: Database, supplier: Organisation
) -> None:
    assert "None." in (await admin.see("/account")).main.text
    program = await a_program(database, supplier)
    code = await admin.code_for(program)
    tokens = (await program.post(admin.client, program.shows(code))).json()
    page = await admin.see("/account")
    assert "Bodycam Desk" in page.main.text
    assert "write your listings" in page.main.text
    consent = identifiers.encode("Consent", 1)
    ended = await admin.send("/account", "end_consent", {}, consent_id=consent)
    assert ended.flash == "The program can no longer act for you."
    assert "Bodycam Desk" not in ended.main.text
    refused = await program.refreshes(admin.client, tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
