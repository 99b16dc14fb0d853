"""Nobody reads a row, a field or a count that is not theirs, and nobody misses one that is."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
import pytest_asyncio

from innohub.db import identifiers
from innohub.db.engine import ReadPool, create_engine
from innohub.db.unit_of_work import Database
from innohub.graphql.context import Context
from innohub.graphql.operations import Operations
from innohub.graphql.refusals import Refused
from innohub.graphql.schema import schema
from innohub.market.assurance.models import PassportResponse
from innohub.settings import Settings
from tests.conftest import empty
from tests.graphql.market import Market
from tests.graphql.matrix import listed
from tests.graphql.matrix.comparison import Comparison
from tests.graphql.matrix.drawn import draw, nodes_in
from tests.graphql.matrix.eyes import Eyes, eyes_of
from tests.graphql.matrix.oracle import Oracle
from tests.graphql.matrix.stored import TABLES, Stored, build

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPERATIONS = int(os.environ.get("INNOHUB_OPERATIONS", "100"))
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MAX_IDS = 100
PUBLIC = {"CallOff", "Debarment"}
"""What was ordered together, and the price paid, is everybody's to read."""


@dataclass
class Gallery:
    """A stored market, everybody who looks at it, and the API that they ask."""

    market: Market
    stored: Stored
    reads: ReadPool
    database: Database

    def __post_init__(self) -> None:
        self.operations = Operations(schema._schema)
        self.eyes = eyes_of(self.market)

    def oracles(self) -> Iterator[tuple[Eyes, Oracle]]:
        for eyes in self.eyes:
            yield eyes, Oracle(self.stored, eyes)

    async def ask(self, eyes: Eyes, text: str, **variables: Any) -> Any:
        context = Context(eyes.actor, None, self.database, self.reads)  # type: ignore[arg-type]
        prepared = self.operations.prepare(text)
        answer = await self.operations.execute(prepared, variables, context)
        assert not answer.errors, (eyes.name, answer.errors)
        return orjson.loads(orjson.dumps(answer.data, default=str))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gallery(migrated_url: str) -> AsyncIterator[Gallery]:
    settings = Settings(database_url=migrated_url)
    database = Database(create_engine(migrated_url, settings), clock=lambda: NOW)
    pool = ReadPool(migrated_url, settings)
    await empty(database)
    yield Gallery(*await build(database, 11, NOW), pool, database)
    await pool.close()
    await database.engine.dispose()


async def test_every_root_field_and_every_type_is_asked_for() -> None:
    singles = {kind[0].lower() + kind[1:] for kind in listed.SINGLES}
    asked = {*listed.DOCUMENTS, *singles, *listed.ASKED_ELSEWHERE}
    assert asked == listed.root_fields()
    assert set(TABLES) == listed.types_with_ids()


async def test_of_every_type_the_market_has_rows_to_show_and_rows_to_hide(
    gallery: Gallery,
) -> None:
    for kind in TABLES.keys() - PUBLIC:
        counts = {
            sum(oracle.sees(kind, row) for row in gallery.stored.all(kind))
            for _, oracle in gallery.oracles()
        }
        assert len(counts) > 1, f"everybody sees as many of {kind}"


@pytest.mark.parametrize("name", listed.DOCUMENTS)
async def test_lists_hold_exactly_what_may_be_seen(gallery: Gallery, name: str) -> None:
    for eyes, oracle in gallery.oracles():
        answer = await gallery.ask(eyes, listed.DOCUMENTS[name])
        compare(oracle, answer)


async def test_a_supplier_shows_exactly_the_listings_that_may_be_seen(gallery: Gallery) -> None:
    for eyes, oracle in gallery.oracles():
        for organisation in gallery.stored.organisations.values():
            if organisation.kind == "supplier":
                answer = await gallery.ask(eyes, listed.SUPPLIER, slug=organisation.slug)
                compare(oracle, answer["supplier"], "Supplier", organisation)


@pytest.mark.parametrize(("root", "kind", "name"), listed.WALKED)
async def test_pages_below_a_row_hold_together_exactly_what_may_be_seen(
    gallery: Gallery, root: str, kind: str, name: str
) -> None:
    turned = 0
    for eyes, oracle in list(gallery.oracles())[::3]:
        answer = await gallery.ask(eyes, listed.FIRST_PAGES.format(root=root, list=name))
        for node in answer[root]["nodes"]:
            page = node["list"]
            nodes = list(page["nodes"])
            while page["pageInfo"]["hasNextPage"]:
                text = listed.NEXT_PAGE.format(kind=kind, list=name)
                given = {"id": node["id"], "after": page["pageInfo"]["endCursor"]}
                page = (await gallery.ask(eyes, text, **given))["node"]["list"]
                nodes += page["nodes"]
                turned += 1
            row = gallery.stored.get(kind, identifiers.decode(node["id"])[1])
            compare(oracle, {name: {**page, "nodes": nodes}}, kind, row)
            assert len({one["id"] for one in nodes}) == len(nodes)
    assert turned


@pytest.mark.parametrize("kind", TABLES)
async def test_by_its_id_a_row_is_found_by_those_who_may_see_it(
    gallery: Gallery, kind: str
) -> None:
    rows = gallery.stored.all(kind)
    for eyes, oracle in gallery.oracles():
        shown: list[bool] = []
        for start in range(0, len(rows), MAX_IDS):
            ids = [identifiers.encode(kind, row.id) for row in rows[start : start + MAX_IDS]]
            answer = await gallery.ask(eyes, listed.NODES, ids=ids)
            shown += [node is not None for node in answer["nodes"]]
        for row, was_shown in zip(rows, shown, strict=True):
            assert was_shown == oracle.sees(kind, row), f"{eyes.name}: {kind} {row.id}"


@pytest.mark.parametrize("kind", listed.SINGLES)
async def test_a_row_asked_for_by_itself_is_shown_to_those_who_may_see_it(
    gallery: Gallery, kind: str
) -> None:
    for eyes, oracle in gallery.oracles():
        for row in gallery.stored.all(kind)[::3]:
            key = row.slug if kind == "Technology" else identifiers.encode(kind, row.id)
            answer = await gallery.ask(eyes, listed.SINGLES[kind], key=key)
            was_shown = answer["one"] is not None
            assert was_shown == oracle.sees(kind, row), f"{eyes.name}: {kind} {row.id}"


async def test_similar_pilots_are_those_that_may_be_seen(gallery: Gallery) -> None:
    pilots = gallery.stored.all("Pilot")
    told = gallery.stored.all("EarlierPilot")
    technology = next(one.technology_id for one in told if one.technology_id is not None)
    asked = next(pilot.challenge_id for pilot in pilots if pilot.challenge_id is not None)
    given = {"technology": identifiers.encode("Technology", technology), "kpi": "use_of_force"}
    for eyes, oracle in gallery.oracles():
        for challenge in (None, asked):
            named = challenge and identifiers.encode("Challenge", challenge)
            answer = await gallery.ask(eyes, listed.SIMILAR, **given, challenge=named)
            alike = {
                identifiers.encode("Pilot", pilot.id)
                for pilot in pilots
                if (
                    pilot.technology_id == technology
                    or pilot.kpi == "use_of_force"
                    or (challenge is not None and pilot.challenge_id == challenge)
                )
                and pilot.state not in {"declined", "lapsed"}
                and oracle.sees("Pilot", pilot)
            }
            assert {pilot["id"] for pilot in answer["similarPilots"]["nodes"]} == alike, eyes.name
            before = {
                identifiers.encode("EarlierPilot", pilot.id)
                for pilot in told
                if (pilot.technology_id == technology or pilot.kpi == "use_of_force")
                and oracle.sees("EarlierPilot", pilot)
            }
            assert {pilot["id"] for pilot in answer["similarEarlierPilots"]["nodes"]} == before, (
                eyes.name
            )


async def test_how_forces_answered_is_counted_alike_for_everybody(gallery: Gallery) -> None:
    latest = [a for a in gallery.stored.all("AssuranceResponse") if a.latest]
    for eyes in gallery.eyes:
        answer = await gallery.ask(eyes, listed.TALLIES)
        assert [one["count"] for one in answer["passport"]] == tally(latest), eyes.name
        for node in answer["assuranceItems"]["nodes"]:
            for key, of in (("item_id", node), ("technology_id", node["technology"])):
                id = identifiers.decode(of["id"])[1]
                counts = of.get("answers") or of["passportAnswers"]
                wanted = tally([a for a in latest if getattr(a, key) == id])
                assert list(counts.values()) == wanted, (eyes.name, key, id)


async def test_no_drawn_operation_shows_what_may_not_be_seen(gallery: Gallery) -> None:
    shown = 0
    for seed in range(OPERATIONS):
        eyes = gallery.eyes[seed % len(gallery.eyes)]
        drawn = draw(gallery.stored, seed)
        try:
            answer = await gallery.ask(eyes, drawn.text, **drawn.variables)
        except Refused as refused:
            codes = {error.extensions["code"] for error in refused.errors}
            assert codes == {"too_costly"}, drawn.text
            continue
        comparison = Comparison(Oracle(gallery.stored, eyes))
        for kind, id, node in nodes_in(answer):
            shown += 1
            comparison.of_one(kind, gallery.stored.get(kind, id), node)
        assert not comparison.found, "\n".join([eyes.name, drawn.text, *comparison.found])
    assert shown > OPERATIONS


def tally(answers: list[Any]) -> list[int]:
    """How many there are of each kind, in the order of the vocabulary."""
    return [sum(a.response is word for a in answers) for word in PassportResponse]


def compare(oracle: Oracle, answer: Any, kind: str = "Query", row: Any = None) -> None:
    comparison = Comparison(oracle)
    comparison.of(kind, row, answer)
    assert not comparison.found, "\n".join([oracle.eyes.name, *comparison.found[:10]])
