"""Open contracting data: what is released when, to whom it is the same, and that it is the
standard's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Role
from innohub.market.challenges.models import ChallengeQuestion
from innohub.market.demand.models import CallOff, PoolState
from innohub.market.open_data import service as open_data
from innohub.market.pilots.models import PilotState
from innohub.open_data.publishing import Publisher
from innohub.outbox.service import record
from innohub.settings import Settings
from tests.conftest import Clock
from tests.factories import somebody
from tests.market.board.rounds import a_board_stage
from tests.market.challenges.stage import REASON, ChallengeStage, a_challenge_stage
from tests.market.savings.purchases import some_buyers
from tests.open_data.conformance import assert_sound, official, problems_by_schema
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_result
from tests.web.visitor import Visitor

OCDS = "/open-data/ocds/"


@dataclass
class Market:
    """A hub, somebody who reads it, and the sweep that releases."""

    database: Database
    visitor: Visitor
    publisher: Publisher

    async def release(self) -> int:
        return await self.publisher.run_due(self.database)

    async def get(self, address: str = OCDS, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.visitor.client.get(address, headers=sent)

    async def package(self, address: str = OCDS) -> dict[str, Any]:
        """Checked on its way, by the standard."""
        response = await self.get(address)
        assert response.status_code == 200, response.text
        package: dict[str, Any] = response.json()
        assert_sound(package)
        folder = official()
        if folder is not None:
            assert problems_by_schema(folder, package) == []
        return package

    async def touch(self, *rows: Any) -> None:
        """As the services do with what they change."""
        async with self.database.unit_of_work(SYSTEM.signature()) as work:
            for row in rows:
                await record(work, "test:touch", row)


@pytest_asyncio.fixture
async def market(database: Database, settings: Settings, clock: Clock) -> AsyncIterator[Market]:
    app: Starlette = create_app(settings.model_copy(update={"redis_url": None}), clock=clock)
    async with app.router.lifespan_context(app):
        visitor = Visitor(app, settings.base_url)
        state = app.state
        publisher = Publisher(state.operations, state.reads, state.hub, settings)
        async with visitor.client:
            yield Market(database, visitor, publisher)


async def a_piloted_challenge(stage: ChallengeStage, **facts: Any) -> Any:
    """Published, answered questions, closed, with two pilots: one told, one that runs."""
    challenge = await stage.open_to_suppliers(**facts)
    question = await stage.ask(challenge)
    async with stage.database.session() as session, session.begin():
        row = await session.get_one(ChallengeQuestion, question.id)
        row.answer, row.answered_at = "Ledger.", stage.database.clock()
    technology = await a_listing(stage.database)
    here = {"challenge_id": challenge.id}
    told = await a_pilot(
        stage.database, technology, stage.force, PilotState.PUBLISHED, **here,
    )  # fmt: skip
    await a_result(stage.database, told)
    await a_pilot(stage.database, technology, stage.other_force, title=HOSTILE, **here)
    return challenge


def test_the_official_schema_and_codelists_find_what_is_wrong() -> None:
    folder = official()
    if folder is None:
        pytest.skip("shared/ocds is not there: releases are checked by their structure alone")
    milestone = {"id": "1", "type": "holiday", "status": "late"}
    release = {"ocid": "ocds-000000-1", "id": "1", "date": "2026-11-02T09:00:00+00:00",
               "tag": ["planning"], "initiationType": "tender",
               "planning": {"milestones": [milestone]}}  # fmt: skip
    package = {"uri": "http://hub.test/", "version": "1.1", "releases": [release],
               "publishedDate": "2026-11-02T09:00:00+00:00", "publisher": {}}  # fmt: skip
    found = " ".join(problems_by_schema(folder, package))
    assert "'name' is a required property" in found
    assert "late" in found
    assert "holiday is not in milestoneType.csv" in found


async def test_a_challenge_is_released_as_planning_with_its_pilots_and_results(
    market: Market,
) -> None:
    stage = await a_challenge_stage(market.database)
    assert (await market.get()).status_code == 404
    draft = await stage.written(title="A draft")
    opened = await stage.opened(title="Open to forces")
    challenge = await a_piloted_challenge(stage)
    assert await market.release() == 1
    package = await market.package()
    (release,) = package["releases"]
    assert release["ocid"] == f"ocds-000000-challenge-{challenge.id}"
    assert release["tag"] == ["planning"]
    assert release["buyer"]["name"] == stage.force.name
    planning = release["planning"]
    assert planning["budget"]["amount"] == {"amount": 60000.5, "currency": "GBP"}
    kinds = [one["documentType"] for one in planning["documents"]]
    assert kinds == ["needsAssessment", "clarifications", "evaluationReports"]
    milestones = [(one["type"], one["status"]) for one in planning["milestones"]]
    assert milestones == [
        ("engagement", "scheduled"), ("assessment", "met"), ("assessment", "scheduled"),
    ]  # fmt: skip
    roles = {party["name"]: party["roles"] for party in release["parties"]}
    assert roles[stage.other_force.name] == ["buyer"]
    assert ["interestedParty"] in roles.values()
    told = (await market.get()).text
    assert draft.title not in told
    assert opened.title not in told
    # Who asked is told to nobody: the suppliers who take part are those of the pilots.
    assert stage.supplier.name not in told


async def test_every_question_of_a_challenge_is_released_however_many_there_are(
    market: Market,
) -> None:
    stage = await a_challenge_stage(market.database)
    challenge = await stage.open_to_suppliers()
    numbers = range(101)
    async with market.database.session() as session, session.begin():
        now = stage.database.clock()
        session.add_all(
            ChallengeQuestion(
                challenge_id=challenge.id,
                supplier_id=stage.supplier.id,
                question=f"Is it number {number}?",
                answer="Yes.",
                answered_at=now,
                created_at=now,
            )
            for number in numbers
        )
    await market.release()
    (release,) = (await market.package())["releases"]
    (asked,) = [
        one for one in release["planning"]["documents"] if one["documentType"] == "clarifications"
    ]
    missing = [n for n in numbers if f"Is it number {n}?" not in asked["description"]]
    assert missing == []


async def test_a_release_stays_and_what_changes_gets_a_further_one(
    market: Market, clock: Clock
) -> None:
    stage = await a_challenge_stage(market.database)
    challenge = await stage.open_to_suppliers()
    await market.release()
    (first,) = (await market.package())["releases"]
    assert await market.release() == 0
    clock.pass_days(31)
    from innohub.market.challenges import commands, service

    await service.tend_challenges(market.database)
    await market.release()
    challenge = await stage.load(challenge)
    fields = {"challenge_id": challenge.id, "reason": REASON}
    await stage.do("sro", service.close_unmet, commands.CloseChallengeUnmet.parse(fields))
    await market.release()
    process = await market.package(f"{OCDS}processes/{first['ocid']}.json")
    assert process["releases"][0] == first
    assert [one["tag"] for one in process["releases"]] == [
        ["planning"], ["planningUpdate"], ["planningUpdate"],
    ]  # fmt: skip
    numbers = [one["id"].removeprefix(first["ocid"])[:5] for one in process["releases"]]
    assert numbers == ["-0001", "-0002", "-0003"]
    alone = await market.package(f"{OCDS}releases/{first['id']}.json")
    assert alone["releases"] == [first]
    for attack in ("UPDATE ocds_release SET ocid = 'x'", "DELETE FROM ocds_release"):
        with pytest.raises(IntegrityError, match="never changed or deleted"):
            async with market.database.session() as session, session.begin():
                await session.execute(text(attack))


async def test_a_technology_is_released_with_its_own_pilots_and_the_boards_decision(
    market: Market,
) -> None:
    stage = await a_board_stage(market.database)
    round_ = await stage.scoring()
    technology = await a_listing(market.database, "Loftwing")
    pilot = await a_pilot(market.database, technology, stage.force, PilotState.STOPPED)
    literature = await a_pilot(market.database, technology, None, PilotState.PUBLISHED)
    scoping = await a_pilot(
        market.database, technology, stage.force, PilotState.SCOPING, title="Still secret"
    )
    await market.touch(round_, pilot, literature, scoping)
    assert await market.release() == 1
    assert "Still secret" not in (await market.get()).text
    done = await stage.final((5, 5, 5), (3, 3, 3))
    await market.release()
    kinds = [
        one["documentType"]
        for release in (await market.package())["releases"]
        for one in release["planning"].get("documents", [])
    ]
    assert kinds == ["shortlistedFirms"] * 2
    (shortlist,) = [
        one
        for release in (await market.package())["releases"][-1:]
        for one in release["planning"]["documents"]
    ]
    assert shortlist["url"].endswith(f"/rounds/{done.id}")
    assert "Shortlisted: Candidate 1" in shortlist["description"]


async def test_a_pool_is_a_tender_its_accepted_quote_an_award_each_call_off_a_contract(
    market: Market,
) -> None:
    buyers = await some_buyers(market.database)
    collecting = await buyers.pool(PoolState.COLLECTING)
    pool = await buyers.pool(PoolState.QUOTING)
    await market.touch(collecting, pool)
    assert await market.release() == 1
    (tender,) = (await market.package())["releases"]
    assert tender["tag"] == ["tender"]
    assert tender["tender"]["status"] == "active"
    assert tender["tender"]["items"][0]["classification"]["scheme"] == "CPV"
    award = await buyers.award(pool, buyers.force, buyers.other)
    await market.touch(award)
    await market.release()
    call_off = await buyers.call_off(award, buyers.force, paid=False)
    await market.touch(call_off)
    await market.release()
    async with market.database.session() as session, session.begin():
        row = await session.get_one(CallOff, call_off.id)
        row.paid_pence, row.paid_recorded_at = 1_130_050, market.database.clock()
    await market.touch(call_off)
    await market.release()
    releases = (await market.package(f"{OCDS}?kind=pool"))["releases"]
    assert [one["tag"] for one in releases] == [
        ["tender"], ["tenderUpdate", "award"], ["contract"], ["contractUpdate"],
    ]  # fmt: skip
    last = releases[-1]
    assert last["awards"][0]["value"] == {"amount": 54_000, "currency": "GBP"}
    assert last["awards"][0]["suppliers"][0]["name"] == buyers.supplier.name
    (contract,) = last["contracts"]
    assert contract["awardID"] == last["awards"][0]["id"]
    (paid,) = contract["implementation"]["transactions"]
    assert paid["value"] == {"amount": 11_300.5, "currency": "GBP"}
    roles = {party["name"]: party["roles"] for party in last["parties"]}
    assert roles[buyers.force.name] == ["buyer", "payer"]
    assert roles[buyers.supplier.name] == ["supplier", "payee"]


async def test_pages_lead_on_and_back_and_nothing_is_sent_twice(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    from innohub.web.pages.open_data import packages

    monkeypatch.setattr(packages, "PAGE_SIZE", 2)
    stage = await a_challenge_stage(market.database)
    for number in range(3):
        await stage.open_to_suppliers(title=f"Need {number}")
    await market.release()
    first = await market.package()
    assert "prev" not in first["links"]
    second = await market.package(first["links"]["next"])
    assert [len(one["releases"]) for one in (first, second)] == [2, 1]
    assert second["uri"] == first["links"]["next"]
    assert (await market.package(second["links"]["prev"]))["releases"] == first["releases"]
    response = await market.get()
    tag, changed = response.headers["etag"], response.headers["last-modified"]
    for condition in ({"If_None_Match": f'"x", W/{tag}'}, {"If_Modified_Since": changed}):
        again = await market.get(**condition)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    other = {"If_None_Match": '"x"', "If_Modified_Since": changed}
    assert (await market.get(**other)).status_code == 200
    assert (await market.get(If_Modified_Since="yesterday")).status_code == 200
    alone = await market.get(f"{OCDS}releases/{first['releases'][0]['id']}.json")
    assert "immutable" in alone.headers["cache-control"]


async def test_what_makes_no_sense_is_refused_in_json(market: Market) -> None:
    for address, status in (
        (f"{OCDS}?kind=nonsense", 404),
        (f"{OCDS}?after=nonsense", 400),
        (f"{OCDS}processes/ocds-000000-challenge-99.json", 404),
    ):
        response = await market.get(address)
        assert response.status_code == status, address
        assert set(response.json()) == {"code", "message"}


async def test_a_force_and_a_supplier_are_named_by_the_numbers_that_they_say(
    market: Market,
) -> None:
    stage = await a_challenge_stage(market.database)
    force = await somebody(market.database, stage.force, Role.FORCE_COMMERCIAL)
    await market.visitor.sign_in_as(force.person)
    wrong = {"company_number": "ABC", "procurement_number": "12"}
    page = await market.visitor.send("/open-data", "identify", wrong)
    assert page.problems == [
        "A number at Companies House has 8 characters, like 01234567.",
        "A procurement organisation number looks like PABC-1234-WXYZ.",
    ]
    right = {"company_number": "", "procurement_number": "pabc-1234-wxyz"}
    page = await market.visitor.send("/open-data", "identify", right)
    assert page.form("identify").one("input", name="procurement_number")["value"] == (
        "PABC-1234-WXYZ"
    )
    given = open_data.IdentifyOrganisation.parse({"company_number": "1234567"})
    supplier = await stage.do("supplier_admin", open_data.identify, given)
    assert supplier.company_number == "01234567"
    await a_piloted_challenge(stage)
    await market.release()
    (release,) = (await market.package())["releases"]
    assert release["buyer"]["id"] == "GB-PPON-PABC-1234-WXYZ"
    (named,) = [one for one in release["parties"] if "identifier" in one]
    assert named["identifier"] == {
        "scheme": "GB-PPON", "id": "PABC-1234-WXYZ", "legalName": stage.force.name,
    }  # fmt: skip


async def test_the_index_lists_everything_with_counts(market: Market) -> None:
    page = await market.visitor.see("/open-data")
    assert "No releases so far." in page.main.text
    stage = await a_challenge_stage(market.database)
    await stage.open_to_suppliers()
    await market.release()
    page = await market.visitor.see("/open-data")
    assert "1 release so far." in page.main.text
    assert "That prefix is a placeholder" in page.main.text
    own = [link for link in page.links() if link.startswith("/") and "?" not in link]
    assert f"{OCDS}" in own
    for link in own:
        assert (await market.get(link)).status_code == 200, link
