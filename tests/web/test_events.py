"""The catalogue of events: a page for everybody, a file to take away, and the same by the API."""

from typing import Any

from jsonschema import Draft202012Validator

from innohub.hub.event_catalogue import bundle, catalogue
from tests.web.visitor import Visitor


async def test_everybody_reads_every_type_with_its_schema_and_an_example(visitor: Visitor) -> None:
    page = await visitor.see("/events")
    assert page.status == 200
    shown = page.main.text
    for one in catalogue():
        assert one.title in shown
        (article,) = page.main.all("article", id=one.name)
        assert len(article.all("pre")) == 2
    assert "/events.json" in page.links()


async def test_the_page_says_how_a_system_that_cannot_receive_fetches(visitor: Visitor) -> None:
    page = await visitor.see("/events")
    query = page.main.all("pre")[0].text
    answer = await visitor.client.post("/graphql", json={"query": query})
    assert answer.json() == {
        "data": {
            "events": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}},
        }
    }


async def test_the_file_is_json_schema_of_all_events(visitor: Visitor) -> None:
    response = await visitor.client.get("/events.json")
    assert response.headers["content-type"] == "application/schema+json"
    assert "innohub-events.json" in response.headers["content-disposition"]
    document = response.json()
    Draft202012Validator.check_schema(document)
    assert document == bundle()


async def test_the_api_tells_the_same(visitor: Visitor) -> None:
    query = """query ($family: String) {
        eventTypes(family: $family) { name title schemaVersion payloadSchema example } }"""
    told: dict[str, list[dict[str, Any]]] = {}
    for family in (None, "pilot"):
        body = {"query": query, "variables": {"family": family}}
        answer = await visitor.client.post("/graphql", json=body)
        told[str(family)] = answer.json()["data"]["eventTypes"]
    assert [one["name"] for one in told["None"]] == [one.name for one in catalogue()]
    assert {one["name"].partition(".")[0] for one in told["pilot"]} == {"pilot"}
    first = next(one for one in told["pilot"] if one["name"] == "pilot.accepted")
    Draft202012Validator(first["payloadSchema"]).validate(first["example"])


async def test_suppliers_are_led_to_it(visitor: Visitor) -> None:
    assert "/events" in (await visitor.see("/about")).links()
