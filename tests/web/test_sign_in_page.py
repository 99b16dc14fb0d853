"""Signing in and out through the pages."""

from contextlib import suppress

import pytest
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.unit_of_work import Database
from innohub.identity import passwords
from innohub.identity.models import Person, Role
from innohub.identity.throttle import Throttle, TooManyAttempts, bounds_of
from innohub.settings import Settings
from innohub.web.pages.sign_in.view import local
from tests.conftest import Clock
from tests.factories import a_supplier, somebody
from tests.web.visitor import Visitor

PASSWORD = "correct horse battery"


async def a_person(database: Database) -> Person:
    found = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN, "Imogen Hart")
    async with database.session() as session, session.begin():
        person = await session.get_one(Person, found.person.id)
        person.password_hash = await passwords.hashed(PASSWORD)
    return person


async def test_the_right_password_leads_to_the_page_that_asked(
    visitor: Visitor, database: Database
) -> None:
    person = await a_person(database)
    page = await visitor.send(
        "/login?next=/listings", "sign_in", {"email": person.email, "password": PASSWORD}
    )
    assert page.response.url.path == "/listings"
    assert "Imogen Hart" in page.document.one("header").text


async def test_a_wrong_password_is_refused_and_the_address_kept(
    visitor: Visitor, database: Database
) -> None:
    person = await a_person(database)
    page = await visitor.send(
        "/login", "sign_in", {"email": person.email, "password": "wrong horse battery"}
    )
    assert page.status == 400
    assert page.problems == ["The e-mail address or the password is not right."]
    assert page.title.startswith("Error: ")
    assert page.main.one("input", name="email")["value"] == person.email
    assert "wrong horse" not in page.response.text


async def test_an_empty_form_says_what_to_enter(visitor: Visitor) -> None:
    page = await visitor.send("/login", "sign_in", {"email": "", "password": ""})
    assert page.problems == ["Enter the e-mail address", "Enter the password"]


async def test_too_many_attempts_have_to_wait(visitor: Visitor) -> None:
    for _ in range(5):
        await visitor.send("/login", "sign_in", {"email": "a@b.example", "password": PASSWORD})
    page = await visitor.send("/login", "sign_in", {"email": "a@b.example", "password": PASSWORD})
    assert page.status == 429
    assert page.problems == ["Too many attempts. Wait 15 minutes, then try again."]
    assert int(page.response.headers["retry-after"]) > 0


async def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    await visitor.see("/login")
    answer = await visitor.client.post("/login", data={"do": "sign_in", "email": "a@b.example"})
    assert answer.status_code == 403
    assert "out of date" in answer.text


async def test_signing_out_ends_the_session_on_both_sides(
    visitor: Visitor, database: Database
) -> None:
    await visitor.sign_in_as(await a_person(database))
    before = dict(visitor.client.cookies)
    page = await visitor.send("/logout", "sign_out", {})
    assert page.flash == "You are signed out."
    assert "Sign in" in page.document.one("header").text
    visitor.client.cookies.update(before)
    assert "Sign in" in (await visitor.see("/about")).document.one("header").text


async def test_a_sentence_carried_by_a_redirect_is_said_once(
    visitor: Visitor, database: Database
) -> None:
    await visitor.sign_in_as(await a_person(database))
    assert (await visitor.send("/logout", "sign_out", {})).flash
    again = await visitor.see("/")
    assert not again.document.all(class_="govuk-notification-banner")


async def test_a_page_for_people_sends_strangers_to_sign_in(visitor: Visitor) -> None:
    answer = await visitor.client.get("/listings/new?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Flistings%2Fnew%3Fx%3D1"


@pytest.mark.parametrize(
    "address",
    [
        None, "", "https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example",
        "javascript:alert(1)", "evil", "/login", "/login?next=/login", "\\\\evil.example",
    ],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(address: str | None) -> None:
    assert local(address) == "/"


@pytest.mark.parametrize("address", ["/", "/pilots/12", "/technologies?q=a%20b&trl=9"])
def test_the_hubs_own_addresses_are_gone_on_to(address: str) -> None:
    assert local(address) == address


async def test_a_browser_in_which_somebody_came_in_before_is_not_locked_out_by_strangers(
    visitor: Visitor, database: Database, app: Starlette
) -> None:
    person = await a_person(database)
    given = {"email": person.email, "password": PASSWORD}
    await visitor.send("/login", "sign_in", given)
    throttle: Throttle = app.state.throttle
    for number in range(50):
        with suppress(TooManyAttempts):
            await throttle.attempt_all(
                bounds_of(person.email, f"203.0.113.{number}", None), database.clock()
            )
    page = await visitor.send("/login?next=/account", "sign_in", given)
    assert page.heading == "Your account"
    visitor.client.cookies.clear()
    page = await visitor.send("/login", "sign_in", given)
    assert page.status == 429


async def test_failures_in_one_web_process_count_in_the_other(
    visitor: Visitor, database: Database, settings: Settings, clock: Clock
) -> None:
    person = await a_person(database)
    other = create_app(settings.model_copy(update={"redis_url": None}), clock=clock)
    there = Visitor(other, settings.base_url)
    wrong = {"email": person.email, "password": "not the right one"}
    async with other.router.lifespan_context(other), there.client:
        for one in (visitor, there, visitor, there, visitor):
            assert (await one.send("/login", "sign_in", wrong)).status == 400
        for one in (there, visitor):
            refused = await one.send("/login", "sign_in", {**wrong, "password": PASSWORD})
            assert refused.status == 429
