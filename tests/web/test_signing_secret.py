"""A connection's signing secret is changed at its page, and shown this once."""

from datetime import timedelta

import pytest_asyncio

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.identity import passwords
from innohub.identity.models import Person, Role
from tests.conftest import Clock
from tests.factories import a_supplier, somebody
from tests.web.connections import SETTINGS, Scene
from tests.web.parts import forge
from tests.web.visitor import Seen, Visitor

ROTATE = """mutation ($input: RotateSigningSecretInput!) { rotateSigningSecret(input: $input) {
    ... on RotatedSecretPayload { signingSecret integration { oldSecretUntil } }
    ... on Failure { code } } }"""


@pytest_asyncio.fixture
async def scene(database: Database) -> Scene:
    supplier = await a_supplier(database, "Plovergate")
    return Scene(
        database,
        supplier,
        admin=await somebody(database, supplier, Role.SUPPLIER_ADMIN),
        viewer=await somebody(database, supplier, Role.SUPPLIER_VIEWER),
        rival=await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN),
    )


@pytest_asyncio.fixture
async def path(visitor: Visitor, scene: Scene) -> str:
    await visitor.sign_in_as(scene.admin.person)
    await visitor.send("/integrations/new?connector=webhook", "create", SETTINGS)
    return f"/integrations/{(await scene.connection()).id}"


async def test_a_new_secret_is_shown_once_and_the_old_one_ends_when_it_is_told(
    visitor: Visitor, path: str
) -> None:
    page = await visitor.send(path, "rotate", {"overlap_hours": "24"})
    assert page.heading == "A new signing secret for Our CRM"
    secret = page.main.one("code").text
    assert secret.startswith("whsec_")
    assert page.response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.response.headers
    page = await visitor.see(path)
    assert secret not in page.response.text
    assert "two signatures until 3 November 2026 at 9:00am" in page.main.text
    assert not page.has_form("rotate")
    page = await visitor.send(path, "end_old_secret", {})
    assert page.flash.startswith("The old signing secret has ended.")
    assert "two signatures" not in page.main.text
    assert page.has_form("rotate")


async def test_where_the_old_one_ends_at_once_the_page_says_so(visitor: Visitor, path: str) -> None:
    page = await visitor.send(path, "rotate", {"overlap_hours": "0"})
    assert "The old secret counts no longer" in page.main.text
    assert "two signatures" not in (await visitor.see(path)).main.text


async def test_an_overlap_that_is_no_number_is_refused(visitor: Visitor, path: str) -> None:
    page = await visitor.send(path, "rotate", {"overlap_hours": "long"})
    assert page.status == 400
    assert page.problems


async def test_a_key_is_signed_for_by_who_showed_lately_who_they_are_and_the_form_is_kept(
    visitor: Visitor, scene: Scene, path: str, clock: Clock
) -> None:
    async with scene.database.session() as session, session.begin():
        admin = await session.get_one(Person, scene.admin.person.id)
        admin.password_hash = await passwords.hashed("correct horse battery")
    clock.now += timedelta(minutes=16)
    id = identifiers.encode("Integration", (await scene.connection()).id)
    body = {"query": ROTATE, "variables": {"input": {"connectionId": id, "overlapHours": 2}}}
    answer = (await visitor.client.post("/graphql", json=body)).json()["data"]
    assert answer["rotateSigningSecret"] == {"code": "step_up_required"}

    page = await visitor.send(path, "rotate", {"overlap_hours": "24"})
    assert (page.status, page.heading) == (403, "Show that it is you")
    assert page.main.one("input", name="overlap_hours")["value"] == "24"
    kept = {f["name"]: f["value"] for f in page.main.all("input", type="hidden")}
    shown = await visitor.client.post(
        path, data={**kept, "proof_password": "correct horse battery"}
    )
    assert Seen(shown).heading == "A new signing secret for Our CRM"
    answer = (await visitor.client.post("/graphql", json=body)).json()["data"]
    assert answer["rotateSigningSecret"] == {"code": "wrong_state"}


async def test_the_api_does_the_same(visitor: Visitor, scene: Scene, path: str) -> None:
    id = identifiers.encode("Integration", (await scene.connection()).id)
    body = {"query": ROTATE, "variables": {"input": {"connectionId": id, "overlapHours": 2}}}
    answer = await visitor.client.post("/graphql", json=body)
    found = answer.json()["data"]["rotateSigningSecret"]
    assert found["signingSecret"].startswith("whsec_")
    assert found["integration"]["oldSecretUntil"] == "2026-11-02T11:00:00+00:00"


async def test_only_the_administrator_changes_it(visitor: Visitor, scene: Scene, path: str) -> None:
    connection = identifiers.encode("Integration", (await scene.connection()).id)
    for somebody_else, status in ((scene.viewer, 403), (scene.rival, 404)):
        await visitor.sign_in_as(somebody_else.person)
        for do in ("rotate", "end_old_secret"):
            page = await forge(visitor, path, do, connection_id=connection)
            assert page.status == status
