"""Suppliers merge: all that the one had is the other's, debts included, and nothing washes off."""

import asyncio
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select, text

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, InnoHubError, Invalid, WrongState
from innohub.identity.models import (
    Membership,
    OAuthClient,
    Organisation,
    OrganisationKind,
    Role,
)
from innohub.identity.organisations.naming import answering
from innohub.market.board.gating.debarring import debarred
from innohub.market.board.gating.models import Debarment
from innohub.market.board.models import Round, RoundItem, RoundState
from innohub.market.catalogue.former_suppliers import supplier_at
from innohub.market.catalogue.models import ListingState, SupplierInterest, Technology
from innohub.market.demand.events import stream_about
from innohub.market.demand.models import Pool
from innohub.market.pilots.models import Pilot, PilotState
from innohub.market.pilots.service import suppliers_overdue
from innohub.market.succession import service
from innohub.market.succession.commands import MergeOrganisation, PreviewMerger
from innohub.market.succession.previewing import preview_merger
from innohub.market.succession.suppliers import hand_over
from innohub.notices.models import Notice
from innohub.outbox.models import AuditEntry, Event
from innohub.outbox.service import record
from tests.conftest import Clock
from tests.factories import Somebody, a_supplier, an_organisation, somebody, the_force
from tests.web.shelf import a_listing, a_pilot, a_result

TODAY = date(2026, 11, 2)
_numbers = count(1)


@pytest.fixture
async def operator(database: Database) -> Somebody:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    return await somebody(database, company, Role.PLATFORM_ADMIN)


def given(ending: Organisation, successor: Organisation, **changed: Any) -> MergeOrganisation:
    return MergeOrganisation.parse(
        {
            "organisation_id": identifiers.encode("Supplier", ending.id),
            "successor_id": identifiers.encode("Supplier", successor.id),
            "last_day": TODAY,
            "reason": "The one bought the other in October.",
            **changed,
        }
    )


async def merge(database: Database, by: Somebody, command: MergeOrganisation) -> Organisation:
    async with database.unit_of_work(by.actor.signature()) as work:
        return await service.merge_organisation(work, by.actor, command)


async def add(database: Database, *rows: Any) -> None:
    async with database.session() as session, session.begin():
        session.add_all(rows)


async def two(database: Database) -> tuple[Organisation, Organisation]:
    return await a_supplier(database), await a_supplier(database)


async def test_what_it_listed_piloted_and_answered_is_the_successors_and_says_whose_it_was(
    database: Database, operator: Somebody, clock: Clock
) -> None:
    ending, successor = await two(database)
    editor = await somebody(database, ending, Role.SUPPLIER_EDITOR)
    theirs = await a_listing(database, "Veil", supplier=ending, supplier_reference="1")
    await a_listing(database, "Mast", supplier=successor, supplier_reference="1")
    pilot = await a_pilot(database, theirs, await the_force(database), PilotState.PUBLISHED)
    await a_result(database, pilot)
    clock.pass_days(1)
    await merge(database, operator, given(ending, successor))
    async with database.unit_of_work(operator.actor.signature()) as work:
        session = work.session
        moved = await session.get_one(Technology, theirs.id)
        assert (moved.supplier_id, moved.supplier_reference) == (successor.id, f"{ending.slug}:1")
        assert successor.name in moved.search_text
        assert (await session.get_one(Pilot, pilot.id)).supplier_id == successor.id
        then = clock() - timedelta(hours=1)
        assert await supplier_at(work, theirs.id, successor.id, then) == ending.id
        assert await supplier_at(work, theirs.id, successor.id, clock()) == successor.id
        # What began under its number goes on under it, in order.
        begun, later = Pool(id=7, created_at=then), Pool(id=8, created_at=clock())
        streams = [await stream_about(work, one, theirs.id, successor.id) for one in (begun, later)]
        assert streams == [f"pool/7/supplier/{ending.id}", f"pool/8/supplier/{successor.id}"]
        assert await session.scalar(select(answering(ending.slug))) == successor.id
        row = await session.get_one(Organisation, ending.id)
        assert (row.successor_id, row.valid_to) == (successor.id, TODAY)
        actions = dict(
            (await session.execute(select(AuditEntry.action, AuditEntry.object_id))).all()
        )
        assert actions["organisation:merge"] == ending.id
        assert actions["organisation:inherit"] == successor.id
        told = (await session.scalars(select(Event).where(Event.type == "supplier.merged"))).one()
        assert (told.supplier_id, told.payload["former_slug"]) == (successor.id, ending.slug)
        read = await session.scalars(
            select(Notice.text).where(Notice.person_id == editor.person.id)
        )
        assert f"{ending.name} is part of {successor.name} now" in read.one()


async def test_neither_a_debarment_nor_an_overdue_result_nor_an_interest_is_washed_away(
    database: Database, operator: Somebody, clock: Clock
) -> None:
    ending, successor = await two(database)
    technology = await a_listing(database, supplier=ending)
    await a_pilot(database, technology, await the_force(database), PilotState.ANALYSING)
    # Its result was due on the 30th of October, and is unreported 30 days later.
    clock.pass_days(40)
    reviewer = await somebody(database, operator.organisation, Role.CATALOGUE_REVIEWER)
    shared: dict[str, Any] = {"person_id": reviewer.person.id, "created_at": clock()}
    await add(
        database,
        Debarment(
            supplier_id=ending.id, reason="Fraud", from_on=date(2026, 1, 1), created_at=clock()
        ),
        SupplierInterest(supplier_id=ending.id, detail="My brother works there.", **shared),
        SupplierInterest(supplier_id=successor.id, detail="I hold shares.", **shared),
    )
    async with database.unit_of_work(operator.actor.signature()) as work:
        owing = await suppliers_overdue(work, [ending.id])
    await merge(database, operator, given(ending, successor))
    async with database.unit_of_work(operator.actor.signature()) as work:
        assert (await debarred(work, [successor.id])).keys() == {successor.id}
        assert owing == {ending.id}
        assert await suppliers_overdue(work, [successor.id]) == {successor.id}
        kept = select(func.count()).select_from(SupplierInterest)
        assert await work.session.scalar(kept) == 2


async def test_somebody_in_both_keeps_the_stronger_role_and_tokens_of_before_are_worth_nothing(
    database: Database, operator: Somebody, clock: Clock
) -> None:
    ending, successor = await two(database)
    both = await somebody(database, ending, Role.SUPPLIER_ADMIN)
    weaker = await somebody(database, ending, Role.SUPPLIER_VIEWER)
    alone = await somebody(database, ending, Role.SUPPLIER_EDITOR)
    there: dict[str, Any] = {"organisation_id": successor.id, "created_at": clock()}
    client = OAuthClient(
        organisation_id=ending.id, client_id="ihc_theirs", name="Sync", scopes=[],
        token_generation=3, created_at=clock(),
    )  # fmt: skip
    await add(
        database,
        Membership(person_id=both.person.id, role=Role.SUPPLIER_VIEWER, **there),
        Membership(person_id=weaker.person.id, role=Role.SUPPLIER_EDITOR, **there),
        client,
    )
    await merge(database, operator, given(ending, successor))
    async with database.session() as session:
        seats = select(Membership.person_id, Membership.role).where(
            Membership.organisation_id.in_([ending.id, successor.id])
        )
        assert dict((await session.execute(seats)).all()) == {
            both.person.id: Role.SUPPLIER_ADMIN,
            weaker.person.id: Role.SUPPLIER_EDITOR,
            alone.person.id: Role.SUPPLIER_EDITOR,
        }
        row = await session.get_one(OAuthClient, client.id)
        assert (row.organisation_id, row.token_generation) == (successor.id, 4)


async def test_what_cannot_be_merged_is_refused_by_the_name_of_its_rule(
    database: Database, operator: Somebody
) -> None:
    one, other = await two(database)
    force = await the_force(database)
    third = await a_supplier(database)
    async with database.session() as session, session.begin():
        (await session.get_one(Organisation, third.id)).demonstration = False
    to_force = {"successor_id": identifiers.encode("Force", force.id)}
    refusals: list[tuple[MergeOrganisation, type[InnoHubError], str]] = [
        (given(one, one), Invalid, "not_itself"),
        (given(one, other, **to_force), Invalid, "of_one_kind"),
        (given(one, third), Invalid, "invented_apart"),
        (given(one, other, last_day=TODAY + timedelta(days=1)), Invalid, "last_day_has_come"),
    ]
    for command, error, rule in refusals:
        with pytest.raises(error) as refused:
            await merge(database, operator, command)
        assert refused.value.rule == rule
    await merge(database, operator, given(one, other))
    last = await a_supplier(database)
    for command, rule in (
        (given(one, last), "merges_once"),
        (given(last, one), "successor_goes_on"),
    ):
        with pytest.raises(WrongState) as ended:
            await merge(database, operator, command)
        assert ended.value.rule == rule


async def test_two_candidates_of_one_open_round_cannot_become_one_until_it_is_decided(
    database: Database, operator: Somebody, clock: Clock
) -> None:
    ending, successor = await two(database)
    administrator = await somebody(database, ending, Role.SUPPLIER_ADMIN)
    board = await an_organisation(database, OrganisationKind.BOARD)
    theirs = await a_listing(database, supplier=ending)
    ours = await a_listing(database, supplier=successor)
    round = Round(
        board_id=board.id, title="Spring", purpose="To save hours.", state=RoundState.SCORING,
        quorum=1, min_scores_per_item=1, threshold_total=60, threshold_any_criterion=2, places=2,
        standstill_days=8, created_at=clock(),
    )  # fmt: skip
    await add(database, round)
    candidates = [
        RoundItem(
            round_id=round.id, technology_id=one.id, evidence_cap=3, created_at=clock(),
            listing_version_id=one.current_version_id,
        )
        for one in (theirs, ours)
    ]  # fmt: skip
    await add(database, *candidates)
    with pytest.raises(WrongState) as refused:
        await merge(database, operator, given(ending, successor))
    assert refused.value.rule == "not_against_itself"
    assert "board rounds: Spring" in refused.value.message
    async with database.unit_of_work(operator.actor.signature()) as work:
        looked = PreviewMerger(organisation_id=ending.id, successor_id=successor.id)
        seen = await preview_merger(work, operator.actor, looked)
        assert seen.obstacle is not None
        assert seen.obstacle.rule == "not_against_itself"
        with pytest.raises(Denied):
            await preview_merger(work, administrator.actor, looked)
    async with database.session() as session, session.begin():
        (await session.get_one(Round, round.id)).state = RoundState.FINAL
    await merge(database, operator, given(ending, successor))


def listing(supplier: Organisation, clock: Clock) -> Technology:
    return Technology(
        supplier_id=supplier.id, slug=f"late-{supplier.slug}-{next(_numbers)}", name="Late",
        summary="", category="ai_model", trl=8, state=ListingState.DRAFT, created_at=clock(),
    )  # fmt: skip


async def list_late(database: Database, by: Somebody, supplier: Organisation, clock: Clock) -> None:
    async with database.unit_of_work(by.actor.signature()) as work:
        work.session.add(made := listing(supplier, clock))
        await record(work, "technology:draft", made)


async def waiting(database: Database) -> bool:
    """Whether somebody waits for a lock."""
    found = text(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock')"
    )
    async with database.session() as session:
        return bool(await session.scalar(found))


async def until_somebody_waits(database: Database) -> None:
    while not await waiting(database):  # noqa: ASYNC110 - the server gives no event to wait for
        await asyncio.sleep(0.01)


async def test_what_is_added_meanwhile_goes_over_or_is_to_start_anew(
    database: Database, operator: Somebody, clock: Clock
) -> None:
    ending, successor = await two(database)
    async with database.session() as early, early.begin():
        # Under way before the merger, and stored while it waits.
        early.add(listing(ending, clock))
        await early.flush()
        merging = asyncio.create_task(merge(database, operator, given(ending, successor)))
        await until_somebody_waits(database)
    await merging
    further = await a_supplier(database)
    async with database.unit_of_work(operator.actor.signature()) as work:
        await service.merge_organisation(work, operator.actor, given(successor, further))
        late = asyncio.create_task(list_late(database, operator, successor, clock))
        await until_somebody_waits(database)
    with pytest.raises(Conflict):
        await late
    async with database.session() as session:
        owners = await session.scalars(select(Technology.supplier_id))
        assert list(owners) == [further.id]
        assert await session.scalar(select(answering(ending.slug))) == further.id


async def test_of_two_operators_at_once_one_is_told_that_it_has_merged(
    database: Database, operator: Somebody
) -> None:
    one, other = await two(database)
    outcomes = await asyncio.gather(
        merge(database, operator, given(one, other)),
        merge(database, operator, given(other, one)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Organisation", "WrongState"]


async def ends_within(
    database: Database, by: Somebody, ending: Organisation, successor: Organisation
) -> None:
    async with database.unit_of_work(by.actor.signature()) as work:
        await hand_over(work, await work.session.get_one(Organisation, ending.id), successor)
        raise RuntimeError("the process ends here")


async def test_a_crash_in_between_leaves_everything_as_it_was(
    database: Database, operator: Somebody
) -> None:
    ending, successor = await two(database)
    technology = await a_listing(database, supplier=ending)
    with pytest.raises(RuntimeError):
        await ends_within(database, operator, ending, successor)
    async with database.session() as session:
        assert (await session.get_one(Technology, technology.id)).supplier_id == ending.id
        assert await session.scalar(select(answering(ending.slug))) == ending.id
