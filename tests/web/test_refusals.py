"""What is said when there is no page to show."""

import pytest
from starlette.applications import Starlette

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.settings import Settings
from innohub.web.page import Page
from innohub.web.security.body_limit import DEFAULT
from tests.factories import a_supplier, somebody, the_force
from tests.web.shelf import a_listing
from tests.web.visitor import Seen, Visitor


@pytest.mark.parametrize("path", ["/nowhere", "/technologies/none", "/suppliers/none", "/forces/x"])
async def test_an_unknown_address_is_a_page_of_its_own(visitor: Visitor, path: str) -> None:
    page = await visitor.see(path)
    assert page.status == 404
    assert page.heading == "Page not found"
    assert "/technologies" in page.links()


async def test_what_is_too_large_is_told_to_people_by_a_page_and_to_programs_by_a_code(
    visitor: Visitor,
) -> None:
    """Announced, as every browser does it, it was told to both in Starlette's two words."""
    large = b"x" * (DEFAULT + 1)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    page = Seen(await visitor.client.post("/login", content=large, headers=form))
    assert (page.status, page.heading) == (413, "That is too large")
    json = {"Content-Type": "application/json"}
    answer = await visitor.client.post("/graphql", content=large, headers=json)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert answer.json()["errors"][0]["extensions"] == {"code": "too_large"}
    answer = await visitor.client.put("/graphql", content=b"{}", headers=json)
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]
    assert answer.json()["errors"][0]["extensions"] == {"code": "method_not_allowed"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/integrations/inbound/{}"),
        ("GET", "/login/organisation/{}/callback"),
        ("GET", "/pilots/{}/result.csv"),
    ],
)
async def test_a_number_that_no_row_can_have_comes_to_no_database(
    visitor: Visitor, method: str, path: str
) -> None:
    answer = await visitor.client.request(method, path.format(10**20), content=b"{}")
    assert answer.status_code == 404


async def test_an_address_is_not_repeated_as_markup(visitor: Visitor) -> None:
    page = await visitor.see("/technologies/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert page.status == 404
    assert "<script>alert" not in page.response.text


async def test_who_is_signed_in_but_not_allowed_is_told_so(
    visitor: Visitor, database: Database
) -> None:
    listing = await a_listing(database)
    lead = await somebody(database, await the_force(database), Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(lead.person)
    for path in ("/listings", "/listings/new", f"/listings/{listing.slug}"):
        page = await visitor.see(path)
        assert page.status == 403
        assert page.heading == "You cannot do this"


async def test_a_page_without_forms_takes_none(visitor: Visitor) -> None:
    answer = await visitor.client.post("/about", data={"do": "x"})
    assert answer.status_code == 405
    assert "This cannot be done here" in answer.text


async def test_an_unknown_form_is_refused(visitor: Visitor, database: Database) -> None:
    admin = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    await visitor.sign_in_as(admin.person)
    form = (await visitor.see("/listings/new")).form("draft")
    token = form.one("input", name="csrf_token")["value"]
    answer = await visitor.client.post("/listings/new", data={"csrf_token": token, "do": "hack"})
    assert answer.status_code == 400
    assert "This page has no such form." in answer.text


async def test_an_access_token_that_does_not_count_is_not_taken_for_a_stranger(
    visitor: Visitor,
) -> None:
    answer = await visitor.client.get("/", headers={"Authorization": "Bearer none"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_fault_of_ours_says_only_its_number(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(Page, "show", fail)
    page = await visitor.see("/about")
    assert page.status == 500
    assert page.heading == "Sorry, something went wrong"
    assert page.response.headers["x-request-id"] in page.main.text
    assert "secret" not in page.response.text


async def test_no_link_of_a_public_page_leads_nowhere(visitor: Visitor, database: Database) -> None:
    listing = await a_listing(database)
    addresses = {"/", f"/technologies/{listing.slug}", "/forces", "/about", "/login", "/nowhere"}
    seen: set[str] = set()
    for address in addresses:
        for link in (await visitor.see(address)).document.all("a"):
            seen.add(link["href"].partition("#")[0])
    # Pages of pilots, rounds and connections have tests of their own.
    mine = [a for a in seen if a and not a.startswith(("/pilots", "/rounds", "/integrations"))]
    assert len(mine) > 50
    for address in mine:
        assert (await visitor.client.get(address)).status_code == 200, address


async def test_no_page_is_kept_by_a_cache(visitor: Visitor) -> None:
    for path in ("/", "/technologies", "/nowhere"):
        assert (await visitor.see(path)).response.headers["cache-control"] == "no-store"


async def test_demonstration_data_is_marked_where_there_are_some(
    visitor: Visitor, app: Starlette, settings: Settings
) -> None:
    assert not (await visitor.see("/")).document.all("aside", class_="innohub-demonstration")
    app.state.settings = app.state.settings.model_copy(update={"demonstration": True})
    marked = (await visitor.see("/")).document
    assert "Demonstration data" in marked.one("aside", class_="innohub-demonstration").text
