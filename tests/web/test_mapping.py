"""A connection's fields at their page: changed, tried on real events, brought back."""

import pytest_asyncio

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.hub.models import Connection, DeliveryState
from innohub.identity.models import Role
from tests.factories import a_supplier, somebody
from tests.web.connections import SETTINGS, Scene, an_attempt, deliver
from tests.web.html import Element
from tests.web.parts import forge
from tests.web.shelf import HOSTILE
from tests.web.visitor import Seen, Visitor

TITLE = {"fields.6.name": "title", "fields.6.expression": "event.payload.pilot_title"}
"""The first blank row: the webhook has five fields of its own."""


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
    """Of the fields of a connection that the visitor just made."""
    await visitor.sign_in_as(scene.admin.person)
    await visitor.send("/integrations/new?connector=webhook", "create", SETTINGS)
    return f"/integrations/{(await scene.connection()).id}/mapping"


async def happened(scene: Scene, **payload: str) -> Connection:
    """The connection, once something happened that it gets."""
    connection = await scene.connection()
    await deliver(scene, connection, [DeliveryState.DELIVERED], **payload)
    return connection


def expression(page: Seen, place: int) -> Element:
    return page.form("save").one("input", name=f"fields.{place}.expression")


async def save(visitor: Visitor, page: Seen, path: str, **typed: str) -> Seen:
    """Fill in and send the fields of the page in view, as a browser does."""
    sent = {
        one["name"]: one.attributes.get("value") or "" for one in page.form("save").all("input")
    }
    response = await visitor.client.post(path, data=sent | typed)
    if response.status_code == 303:
        return await visitor.see(response.headers["location"])
    return Seen(response)


async def test_a_field_is_added_and_counts_from_then_on(
    visitor: Visitor, scene: Scene, path: str
) -> None:
    page = await visitor.see(path)
    assert "The connector’s own fields count" in page.main.text
    assert expression(page, 5)["value"] == "event.payload"
    page = await save(
        visitor, await visitor.see(path), path, **{**TITLE, "note": "For the new CRM"}
    )
    assert page.flash == "Version 1 counts from now on, also for what waits."
    assert "Version 1 counts" in page.main.text
    assert expression(page, 6)["value"] == "event.payload.pilot_title"
    assert "For the new CRM" in page.main.text
    assert scene.admin.person.name in page.main.text
    settings = await visitor.see(path.removesuffix("/mapping"))
    assert settings.links("Your version 1") == [path]


async def test_what_would_be_sent_is_shown_before_anything_is_saved(
    visitor: Visitor, scene: Scene, path: str
) -> None:
    await happened(scene)
    page = await save(
        visitor,
        await visitor.see(path),
        path,
        **{**TITLE, "fields.5.expression": "", "preview": "true"},
    )
    assert page.status == 200
    assert "which are not saved yet" in page.main.text
    shown, *_samples = page.main.all("article", class_="innohub-attempt")
    assert "title Redaction" in shown.one("dl").text
    assert "payload" not in shown.one("dl").text
    assert (await scene.connection()).mapping_version == 0
    page = await save(visitor, page, path, **{"fields.5.expression": ""})
    assert page.flash.startswith("Version 1 counts")


async def test_what_is_wrong_stands_at_its_row_and_what_was_typed_stays(
    visitor: Visitor, path: str
) -> None:
    wrong = {**TITLE, "fields.6.expression": "event.payload["}
    page = await save(visitor, await visitor.see(path), path, **wrong)
    assert page.status == 400
    (problem,) = page.problems
    assert problem.startswith("The field title: not a JMESPath expression")
    assert expression(page, 6)["value"] == "event.payload["
    assert "Nothing is tried before" in page.main.text
    assert page.main.one("a", href="#save-fields-6-expression")


async def test_an_expression_without_an_answer_is_told_by_its_field(
    visitor: Visitor, scene: Scene, path: str
) -> None:
    await happened(scene)
    unfit = {**TITLE, "fields.6.expression": "sum(event.type)"}
    page = await save(visitor, await visitor.see(path), path, **{**unfit, "preview": "true"})
    assert "No answer: In function sum()" in page.main.text
    page = await save(visitor, await visitor.see(path), path, **unfit)
    assert page.status == 400
    assert page.problems[0].startswith("The field title has no answer for pilot.accepted")


async def test_whoever_was_overtaken_is_told_and_shown_the_way(
    visitor: Visitor, scene: Scene, path: str
) -> None:
    seen = await visitor.see(path)
    await save(visitor, await visitor.see(path), path, **TITLE)
    page = await save(visitor, seen, path, **TITLE)
    assert page.status == 409
    assert page.problems == ["Somebody else changed this mapping a moment ago. Load it again."]
    assert (await scene.connection()).mapping_version == 1


async def test_an_earlier_version_is_brought_back(
    visitor: Visitor, scene: Scene, path: str
) -> None:
    await save(visitor, await visitor.see(path), path, **TITLE)
    await save(
        visitor, await visitor.see(path), path, **{**TITLE, "fields.6.expression": "event.type"}
    )
    page = await visitor.send(path, "restore", {}, earlier="1")
    assert page.flash.startswith("Version 3 counts")
    assert expression(page, 6)["value"] == "event.payload.pilot_title"
    assert "brings back version 1" in page.main.text
    page = await visitor.send(path, "restore", {}, earlier="0")
    assert expression(page, 6)["value"] == ""
    assert "brings back the connector’s own" in page.main.text


async def test_what_events_and_expressions_hold_is_never_markup(
    visitor: Visitor, scene: Scene, path: str
) -> None:
    await happened(scene, pilot_title=HOSTILE)
    page = await save(visitor, await visitor.see(path), path, **{**TITLE, "note": HOSTILE})
    assert HOSTILE not in page.response.text
    assert HOSTILE in page.main.text


async def test_the_delivery_says_which_version_it_was_sent_with(
    visitor: Visitor, scene: Scene, path: str
) -> None:
    connection = await happened(scene)
    (delivery,) = await deliver(scene, connection, [DeliveryState.DELIVERED], "rating.created")
    async with scene.database.session() as session, session.begin():
        attempt = an_attempt(delivery)
        attempt.mapping_version = 2
        session.add(attempt)
    page = await visitor.see(f"/deliveries/{delivery.id}")
    assert page.links("version 2") == [f"{path}#versions"]


async def test_only_the_administrator_changes_and_only_the_supplier_reads(
    visitor: Visitor, scene: Scene, path: str
) -> None:
    connection = identifiers.encode("Integration", (await scene.connection()).id)
    await save(visitor, await visitor.see(path), path, **TITLE)
    await visitor.sign_in_as(scene.viewer.person)
    page = await visitor.see(path)
    assert "event.payload.pilot_title" in page.main.text
    assert not page.has_form("save")
    assert not page.has_form("restore")
    for do, fields in (("save", TITLE), ("restore", {"earlier": "0"})):
        assert (await forge(visitor, path, do, connection_id=connection, **fields)).status == 403
    await visitor.sign_in_as(scene.rival.person)
    assert (await visitor.see(path)).status == 404
    assert (await forge(visitor, path, "save", connection_id=connection, **TITLE)).status == 404
    visitor.client.cookies.clear()
    assert (await visitor.see(path)).response.headers["location"].startswith("/login")


async def test_a_forged_form_of_many_rows_is_refused_in_words(visitor: Visitor, path: str) -> None:
    many = {f"fields.{n}.name": f"f{n}" for n in range(150)}
    page = await save(visitor, await visitor.see(path), path, **many)
    assert page.status == 400
    assert page.problems
