"""The seeded market, as its readers find it: one for this whole module, which only looks."""

import importlib.util
import json
import stat
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.engine import create_engine
from innohub.db.model import Model
from innohub.hub.database import database_of
from innohub.hub.models import Attempt, Connection, ConnectionState, Delivery, DeliveryState
from innohub.hub.wiring import Hub
from innohub.identity.commands import SignIn
from innohub.identity.models import OAuthClient, OAuthClientSecret, Organisation, Person
from innohub.identity.sign_in import Browser, sign_in
from innohub.identity.throttle import Throttle
from innohub.identity.tokens import fingerprint
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.board.models import (
    BoardDecision,
    Interest,
    Round,
    RoundItem,
    RoundState,
    Score,
    TieRule,
)
from innohub.market.board.models import InterestAction as Action
from innohub.market.board.reviews.models import BoardReview, ReviewOutcome
from innohub.market.board.seats.models import RoundMember
from innohub.market.canonical import digest
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.documents.models import (
    Document,
    DocumentContent,
    DocumentKind,
    DocumentState,
)
from innohub.market.evidence.models import DataSource, Result, TrialDataset, Verdict
from innohub.market.evidence.observing.models import OBSERVATIONS, ObservationRun
from innohub.market.finding.kept import SavedSearch
from innohub.market.finding.locked import LockedResult, LockedSearch
from innohub.market.pilots.models import Pilot, PilotForce, PilotState, PilotStep, Protocol
from innohub.market.pilots.policy import REGISTERED
from innohub.market.ratings.models import Rating
from innohub.market.ratings.summary import summarise
from innohub.notices.models import Notice
from innohub.outbox import audit
from innohub.outbox.models import AuditEntry, Event
from innohub.seed import seed_if_empty
from innohub.seed.story import Story
from innohub.seed.telling.ending import StoryUntold, demand_the_end
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import StoryClock
from tests.seed.conftest import NOW, Seeded, everything_in

A_HANDFUL = 12
RIALTO = "Body-worn cameras and use of force in Rialto"


async def the_pilot(session: AsyncSession, title: str) -> Pilot:
    return (await session.scalars(select(Pilot).where(Pilot.title == title))).one()


async def the_result(session: AsyncSession, title: str) -> Result:
    of = Pilot.id == Result.pilot_id
    return (await session.scalars(select(Result).join(Pilot, of).where(Pilot.title == title))).one()


async def test_at_least_forty_technologies_are_listed_over_all_categories(
    session: AsyncSession, story: Story
) -> None:
    listed = select(Technology).where(Technology.state == ListingState.PUBLISHED)
    rows = (await session.scalars(listed)).all()
    assert await session.scalar(select(func.count()).select_from(Technology)) >= 40
    assert {row.category for row in rows} == set(story.reference["category"].by_id)
    assert all(row.search_text and row.current_version_id and row.published_at for row in rows)
    assert all(row.demonstration for row in rows)


async def test_pilots_stand_in_every_state_a_pilot_can_be_in(session: AsyncSession) -> None:
    told = await session.scalars(select(Pilot.state).where(Pilot.citation.is_(None)))
    assert set(told) == set(PilotState)


async def test_every_pilots_steps_lead_from_one_to_the_next(session: AsyncSession) -> None:
    for pilot in await session.scalars(select(Pilot)):
        found = select(PilotStep).where(PilotStep.pilot_id == pilot.id).order_by(PilotStep.id)
        steps = (await session.scalars(found)).all()
        assert steps[0].from_state is None
        assert steps[-1].to_state == pilot.state
        assert all(after.from_state == before.to_state for before, after in pairwise(steps))


async def test_trials_from_the_literature_are_published_with_their_citations(
    session: AsyncSession,
) -> None:
    found = await session.execute(
        select(Pilot, Protocol, Result, TrialDataset)
        .join(Protocol, Protocol.pilot_id == Pilot.id)
        .join(Result, Result.pilot_id == Pilot.id)
        .join(TrialDataset, TrialDataset.id == Result.dataset_id)
        .where(Pilot.citation.is_not(None))
    )
    trials = found.all()
    assert len(trials) >= 3
    for pilot, protocol, result, dataset in trials:
        assert pilot.state is PilotState.PUBLISHED
        assert pilot.force_id is None
        assert not pilot.demonstration
        assert pilot.citation_url.startswith("http")
        assert result.published_at == pilot.published_at
        assert dataset.source is DataSource.LITERATURE
        assert protocol.hash
        assert "As published: " in protocol.analysis_plan
        assert any("invented" in note for note in result.notes), "its relevance"
        assert any(note.startswith("The trial ran: ") for note in result.notes)


async def test_the_rialto_trial_has_the_effect_that_follows_from_its_counts(
    session: AsyncSession,
) -> None:
    result = await the_result(session, RIALTO)
    assert (result.scale, result.grade, result.verdict) == ("rate_ratio", 5, Verdict.PROMISING)
    assert result.effect == pytest.approx((8 / 489) / (17 / 499))
    assert result.lower < 1 < result.upper
    pilot = await the_pilot(session, RIALTO)
    assert "Ariel" in (pilot.citation or "")
    assert "10.1007/s10940-014-9236-3" in (pilot.citation_url or "")


async def test_verdicts_are_those_that_the_story_expects(
    session: AsyncSession, story: Story
) -> None:
    told = {p.title: p.expected_verdict for p in story.pilots if p.expected_verdict is not None}
    rows = await session.execute(
        select(Pilot.title, Result.verdict).join(Result, Result.pilot_id == Pilot.id)
    )
    assert dict(rows.all()) == told


async def test_averages_counts_and_best_grades_are_those_of_the_rows_behind_them(
    session: AsyncSession,
) -> None:
    for technology in await session.scalars(select(Technology)):
        of = technology.id
        ratings = await session.scalars(select(Rating).where(Rating.technology_id == of))
        summary = summarise(ratings.all())
        assert technology.rating_mean == pytest.approx(summary.mean)
        assert technology.rating_count == summary.forces
        states = await session.scalars(select(Pilot.state).where(Pilot.technology_id == of))
        assert technology.pilot_count == sum(state in REGISTERED for state in states)
        published = (Result.technology_id == of) & Result.published_at.is_not(None)
        best = await session.scalar(select(func.max(Result.grade)).where(published))
        assert technology.best_grade == best


async def test_no_real_force_has_a_pilot_or_a_rating(session: AsyncSession) -> None:
    for model in (Pilot, Rating):
        forces = await session.scalars(
            select(Organisation).join(model, model.force_id == Organisation.id)
        )
        assert all(force.demonstration for force in forces)


async def test_forces_that_joined_take_part_or_wait_for_their_owner(
    session: AsyncSession,
) -> None:
    rows = await session.execute(
        select(Pilot.state, Organisation.slug, PilotForce.assured_at.is_not(None))
        .select_from(PilotForce)
        .join(Pilot, Pilot.id == PilotForce.pilot_id)
        .join(Organisation, Organisation.id == PilotForce.force_id)
        .order_by(Organisation.slug)
    )
    assert [tuple(row) for row in rows] == [
        (PilotState.RUNNING, "calderwick", True),
        (PilotState.ASSURANCE, "glanrhyd", False),
    ]


async def test_the_unreported_pilot_is_overdue(session: AsyncSession, seeded: Seeded) -> None:
    pilot = await the_pilot(session, "Acoustic sensors on Northmere's docks estate")
    due = await session.scalar(select(Protocol.result_due_on).where(Protocol.pilot_id == pilot.id))
    assert pilot.state is PilotState.ANALYSING
    assert due is not None
    assert due < pilot.created_at.date().replace(year=2026, month=10, day=2)
    told = select(Event).where(Event.type == "pilot.overdue")
    event = (await session.scalars(told)).one()
    assert event.payload["pilot_id"] == pilot.id
    assert (event.created_at.date() - due).days == 31


async def test_a_pilot_was_handed_in_unit_by_unit(session: AsyncSession) -> None:
    found = await session.scalars(
        select(TrialDataset).where(TrialDataset.observation_count.is_not(None))
    )
    dataset = found.one()
    assert dataset.observation_count == sum(cell["n"] for cell in dataset.cells) == 131 + 127
    stored = select(func.count()).select_from(OBSERVATIONS)
    of_upload = stored.where(ObservationRun.of(dataset.upload_id))
    assert await session.scalar(of_upload) == dataset.observation_count


async def test_the_expired_item_stands_with_the_suspended_listing(session: AsyncSession) -> None:
    rows = await session.execute(
        select(Technology.slug, Technology.state, AssuranceItem.type)
        .join(Technology, Technology.id == AssuranceItem.technology_id)
        .where(AssuranceItem.status == AssuranceStatus.EXPIRED)
    )
    assert rows.all() == [("gorsewatch-live", ListingState.SUSPENDED, "pen_test_check_or_crest")]


async def test_the_finished_round_was_scored_blind_and_recused(
    session: AsyncSession, story: Story
) -> None:
    round_ = (await session.scalars(select(Round).where(Round.state == RoundState.FINAL))).one()
    items = (
        await session.execute(
            select(Technology.slug, RoundItem)
            .join(Technology, Technology.id == RoundItem.technology_id)
            .where(RoundItem.round_id == round_.id)
            .order_by(RoundItem.rank)
        )
    ).all()
    assert [slug for slug, _ in items] == ["ottercall-video", "veilwright", "beatloom", "casefold"]
    assert Counter(item.decision for _, item in items)[BoardDecision.SHORTLISTED] == 2
    recused = (
        await session.scalars(
            select(Interest)
            .join(RoundItem, RoundItem.id == Interest.item_id)
            .where(Interest.action == Action.RECUSE_ITEM, RoundItem.round_id == round_.id)
        )
    ).one()
    by_recused = (Score.item_id == recused.item_id) & (Score.person_id == recused.person_id)
    assert await session.scalar(select(func.count()).select_from(Score).where(by_recused)) == 0
    given = sum(len(sheet.criteria) for round_ in story.rounds for sheet in round_.scores)
    assert await session.scalar(select(func.count()).select_from(Score)) == given
    review = (
        await session.scalars(select(BoardReview).where(BoardReview.outcome.is_not(None)))
    ).one()
    assert review.outcome == ReviewOutcome.NOT_UPHELD


async def test_other_rounds_are_being_scored_and_under_review_after_a_lot(
    session: AsyncSession,
) -> None:
    states = set(await session.scalars(select(Round.state)))
    assert {RoundState.SCORING, RoundState.UNDER_REVIEW} <= states
    drawn = (
        await session.scalars(select(RoundItem).where(RoundItem.tie == TieRule.RECORDED_LOT))
    ).all()
    assert (
        len({item.total for item in drawn}) == len({item.whole_life_pence for item in drawn}) == 1
    )
    assert len({item.lot for item in drawn}) == len(drawn) == 2
    assert (
        (await session.scalars(select(RoundMember).where(RoundMember.recused))).one().left_because
    )


async def test_a_listing_a_pilot_and_an_assurance_item_have_documents(
    session: AsyncSession, story: Story
) -> None:
    kept = (await session.scalars(select(Document).order_by(Document.id))).all()
    assert {document.state for document in kept} == {DocumentState.NOT_SCANNED}
    length = func.length(DocumentContent.body)
    sizes = await session.execute(select(DocumentContent.document_id, length))
    assert {tuple(row) for row in sizes} == {(document.id, document.size) for document in kept}
    of_listings = {document.kind for document in kept if document.technology_id}
    assert of_listings == {DocumentKind.DOCUMENT, DocumentKind.IMAGE}
    assert len({document.organisation_id for document in kept if document.pilot_id}) == 2
    named = {document.title for document in kept if document.assurance_item_id}
    assert named == {paper.item for paper in story.papers if paper.item}


async def test_a_search_is_saved_and_one_is_locked_by_somebody_who_signs_in(
    session: AsyncSession, seeded: Seeded, story: Story
) -> None:
    saved = (await session.scalars(select(SavedSearch))).one()
    locked = (await session.scalars(select(LockedSearch))).one()
    lead = await session.get_one(Person, saved.person_id)
    assert story.person[lead.email].shown
    assert locked.locked_by_id == lead.id
    chosen = await session.scalars(select(LockedResult.name).where(LockedResult.chosen))
    assert list(chosen) == ["Veilwright"]
    assert digest(locked.content) == locked.hash


async def test_a_round_is_open_with_its_candidates(session: AsyncSession) -> None:
    round_ = (await session.scalars(select(Round).where(Round.state == RoundState.OPEN))).one()
    mine = select(func.count()).select_from(RoundItem).where(RoundItem.round_id == round_.id)
    assert await session.scalar(mine) == 3


async def test_the_paused_connection_collects_and_has_tried_nothing(
    session: AsyncSession,
) -> None:
    connection = (await session.scalars(select(Connection))).one()
    assert connection.state is ConnectionState.PAUSED
    assert connection.config["endpoint"].startswith("https://hooks.ottersby.example/")
    deliveries = (await session.scalars(select(Delivery))).all()
    assert {delivery.state for delivery in deliveries} == {DeliveryState.QUEUED}
    assert {"pilot.requested", "round.decided"} <= {row.event_type for row in deliveries}
    assert await session.scalar(select(func.count()).select_from(Attempt)) == 0


async def test_the_accounts_that_are_told_sign_in(seeded: Seeded) -> None:
    rows = json.loads(seeded.report.accounts.read_text("utf-8"))
    assert seeded.settings.database_url
    engine = create_engine(seeded.settings.database_url, seeded.settings)
    there = database_of(engine)
    try:
        for row in [row for row in rows if "email" in row][::8]:
            command = SignIn(email=row["email"], password=row["password"])
            opened = await sign_in(there, Throttle(there), command, Browser("127.0.0.1"), hours=1)
            assert opened.token
    finally:
        await engine.dispose()


async def test_nobody_else_has_a_password(session: AsyncSession, story: Story) -> None:
    rows = await session.execute(select(Person.email, Person.password_hash))
    shown = {person.email for person in story.people if person.shown}
    assert {email for email, hash in rows if hash is not None} == shown


async def test_the_api_clients_secrets_are_those_that_count(
    seeded: Seeded, session: AsyncSession
) -> None:
    told = json.loads(seeded.report.accounts.read_text("utf-8"))
    clients = {row["client_id"]: row for row in told if "client_id" in row}
    rows = await session.execute(
        select(OAuthClient, OAuthClientSecret.secret_hash, Organisation.kind)
        .join(OAuthClientSecret, OAuthClientSecret.oauth_client_id == OAuthClient.id)
        .join(Organisation, Organisation.id == OAuthClient.organisation_id)
    )
    kinds = []
    for client, secret_hash, kind in rows:
        row = clients.pop(client.client_id)
        assert fingerprint(row["client_secret"]) == secret_hash
        assert row["scopes"].split() == client.scopes
        kinds.append(kind)
    assert sorted(kinds) == ["force", "supplier", "supplier"]
    assert not clients


async def test_seeding_twice_changes_nothing(seeded: Seeded, session: AsyncSession) -> None:
    before = await everything_in(session)
    accounts = seeded.report.accounts.read_bytes()
    assert await seed_if_empty(seeded.settings) is None
    assert await everything_in(session) == before
    assert seeded.report.accounts.read_bytes() == accounts


async def test_an_end_that_is_not_the_storys_is_named(seeded: Seeded, story: Story) -> None:
    first = story.pilots[0].model_copy(update={"state": PilotState.PAUSED})
    other = story.model_copy(update={"pilots": (first, *story.pilots[1:])})
    assert seeded.settings.database_url
    engine = create_engine(seeded.settings.database_url, seeded.settings)
    async with engine.begin() as connection:
        clock, hub = StoryClock.until(NOW), Hub.of(seeded.settings)
        await demand_the_end(Stage.in_transaction(connection, clock, story, hub))
        with pytest.raises(StoryUntold, match=f"{first.title}: is published, and should be paused"):
            await demand_the_end(Stage.in_transaction(connection, clock, other, hub))
    await engine.dispose()


async def test_the_audit_trail_holds_and_runs_in_order_up_to_today(session: AsyncSession) -> None:
    verification = await audit.verify(session)
    assert verification.broken_at is None
    assert verification.entries > 1_000
    moments = (await session.scalars(select(AuditEntry.at).order_by(AuditEntry.seq))).all()
    assert list(moments) == sorted(moments)
    assert moments[-1] < NOW
    assert (NOW - moments[0]).days > 700


async def test_nothing_of_the_market_was_made_after_the_clocks_moment(
    session: AsyncSession,
) -> None:
    signed_in = {"sign_in_session", "sign_in_counter"}  # by the test that tries the accounts
    for name, table in Model.metadata.tables.items():
        if "created_at" in table.c and name not in {"organisation", *signed_in}:
            newest = await session.scalar(select(func.max(table.c.created_at)))
            assert newest is None or newest < NOW, name


async def test_events_are_numbered_without_gaps_in_every_stream(session: AsyncSession) -> None:
    rows = await session.execute(
        select(Event.stream, func.count(), func.max(Event.seq)).group_by(Event.stream)
    )
    assert all(count == newest for _, count, newest in rows)


async def test_events_name_no_person(session: AsyncSession, story: Story) -> None:
    payloads = await session.scalars(text("SELECT string_agg(payload::text, ' ') FROM event"))
    told = payloads.one()
    assert not [person.name for person in story.people if person.name in told]


async def test_days_fall_where_the_story_puts_them(session: AsyncSession, story: Story) -> None:
    stored = {pilot.title: pilot for pilot in await session.scalars(select(Pilot))}
    for told in story.pilots:
        pilot = stored[told.title]
        if told.literature is None:
            assert (pilot.created_at.date() - NOW.date()).days == told.timeline.requested_day
        else:
            assert pilot.start_on == told.literature.started_on
        if told.timeline.published_day is not None:
            assert pilot.published_at is not None
            published = (pilot.published_at.date() - NOW.date()).days
            assert (told.timeline.decided_day or published) <= published
            assert published <= told.timeline.published_day


def test_progress_counts_up_to_the_end(seeded: Seeded) -> None:
    done = [told[0] for told in seeded.progress]
    assert done == sorted(done)
    assert seeded.progress[-1][0] == seeded.progress[-1][1]
    assert all(what for _, _, what in seeded.progress)


def test_the_accounts_are_flat_rows_for_their_owner_only(seeded: Seeded) -> None:
    path = seeded.report.accounts
    assert path == seeded.settings.data_dir / "demo-accounts.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = json.loads(path.read_text("utf-8"))
    assert {tuple(row) for row in rows} == {
        ("role", "name", "email", "password"),
        ("role", "client_id", "client_secret", "scopes"),
    }
    assert all(isinstance(value, str) and value for row in rows for value in row.values())
    assert rows[0]["role"] == "Force innovation lead, Westmarch Police"
    assert list(seeded.settings.data_dir.glob("demo-accounts*")) == [path]


async def test_searches_in_plain_police_language_find_what_was_meant(seeded: Seeded) -> None:
    quality = _bench_module("search/quality.py")
    found = await quality.measure(seeded.settings)
    worst = sorted((answer.ndcg, answer.judged.ask) for answer in found.answers)[:8]
    assert len(found.answers) >= 60
    assert found.ndcg_at_10 >= 0.88, worst
    assert found.zero_result_rate == 0


def _bench_module(path: str) -> Any:
    """A module of the bench, which is no package of the hub's."""
    file = Path(__file__).parents[2] / "bench" / path
    spec = importlib.util.spec_from_file_location(f"bench_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


async def test_nobody_begins_with_more_than_a_handful_of_unread_notices(
    session: AsyncSession,
) -> None:
    unread = func.count().filter(Notice.read_at.is_(None))
    of_people = (
        await session.execute(select(Person.name, unread).join(Notice).group_by(Person.id))
    ).all()
    assert max(count for _, count in of_people) <= A_HANDFUL, of_people
    assert sum(count for _, count in of_people) > 0, "nothing is new to anybody"
