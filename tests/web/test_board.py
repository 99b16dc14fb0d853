"""Rounds of the board at their pages, from the entries to the published decision record."""

import io
from typing import Any

import pypdf
import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity.actor import SYSTEM
from innohub.market.board import commands, service
from innohub.market.board.models import (
    BoardDecision,
    Interest,
    InterestAction,
    Round,
    RoundItem,
    RoundState,
    Score,
)
from innohub.market.board.seats.commands import RecuseMember
from innohub.market.decisions.digest.composing import compose
from innohub.notices.commands import SetNoticeChannel
from innohub.notices.models import Channel, Notice, NoticeKind
from innohub.notices.preferences import set_channel
from tests.market.board.rounds import MEMBERS, REASON, WEIGHTS, WHY, BoardStage, a_board_stage
from tests.web.parts import as_actor, forge
from tests.web.visitor import Seen, Visitor

STEPS = (
    "open_round", "add_item", "remove_item", "close_entries", "declare", "resolve",
    "start_scoring", "close_scoring", "rank", "start_standstill", "finish", "cancel",
)  # fmt: skip
OWN_FORCE = "My force runs its pilot."


@pytest_asyncio.fixture
async def stage(database: Database) -> BoardStage:
    return await a_board_stage(database)


def forms(page: Seen) -> set[str]:
    return {step for step in STEPS if page.has_form(step)}


def of_round(round_: Round) -> str:
    return f"/rounds/{round_.id}"


def of_item(item: RoundItem) -> str:
    return f"/rounds/{item.round_id}/items/{item.id}"


def global_id(kind: str, row: Any) -> str:
    return identifiers.encode(kind, row.id)


async def at(visitor: Visitor, stage: BoardStage, part: str, round_: Round) -> Seen:
    await as_actor(visitor, stage.actors[part])
    return await visitor.see(of_round(round_))


async def state_of(stage: BoardStage, round_: Round) -> RoundState:
    async with stage.database.session() as session:
        return (await session.get_one(Round, round_.id)).state


async def test_the_list_shows_final_rounds_to_all_and_others_to_the_board(
    visitor: Visitor, stage: BoardStage
) -> None:
    assert "No round is decided yet." in (await visitor.see("/rounds")).main.text
    done = await stage.final((5, 5, 5), (3, 3, 3), title="First round")
    await stage.planned(title="Second round")
    page = await visitor.see("/rounds")
    assert "First round" in page.main.text
    assert "Shortlisted: Candidate 1" in page.main.text
    assert "Second round" not in page.main.text
    assert of_round(done) in page.links()
    await as_actor(visitor, stage.actors["board_member"])
    assert "Second round" in (await visitor.see("/rounds")).main.text


async def test_of_a_round_that_is_not_final_others_read_the_rules_and_no_candidate(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.scoring()
    item = (await stage.items(round_))[0]
    for part in (None, "lead", "rival_admin", "other_chair"):
        if part:
            await as_actor(visitor, stage.actors[part])
        page = await visitor.see(of_round(round_))
        assert (page.status, forms(page)) == (200, set()), part
        assert "At least 60 of 100 in total" in page.main.text
        assert "Candidate" not in page.main.text.replace("A candidate", "")
        if part:
            for hidden in (of_item(item), f"{of_round(round_)}/moderation"):
                assert (await visitor.see(hidden)).status == 404, part
    planned = await stage.planned(title="Not open yet")
    assert (await visitor.see(of_round(planned))).status == 404


async def test_candidates_are_searched_for_entered_and_taken_out(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.opened(1)
    other = await stage.published(name="Fennfirst drone")
    page = await at(visitor, stage, "secretary", round_)
    assert forms(page) == {"remove_item", "close_entries"}
    page = await visitor.see(f"{of_round(round_)}?q=drone")
    form = page.form("add_item", technology_id=global_id("Technology", other))
    sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    response = await visitor.client.post(of_round(round_), data=sent)
    page = await visitor.see(response.headers["location"])
    assert page.flash == "The candidate is entered."
    assert "Fennfirst drone" in page.main.text
    page = await visitor.see(f"{of_round(round_)}?q=drone")
    assert "that is not entered already" in page.main.text
    item = (await stage.items(round_))[1]
    hidden = {"item_id": global_id("RoundItem", item)}
    page = await visitor.send(of_round(round_), "remove_item", {"reason": "No"}, **hidden)
    assert page.problems == ["Reason must be 10 characters or more"]
    page = await visitor.send(of_round(round_), "remove_item", {"reason": REASON}, **hidden)
    assert page.flash == "The candidate is taken out."
    assert len(await stage.items(round_)) == 1


async def test_every_step_is_offered_to_the_one_who_takes_it(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.planned()
    assert forms(await at(visitor, stage, "chair", round_)) == {"open_round", "cancel"}
    assert forms(await at(visitor, stage, "adviser", round_)) == set()
    await as_actor(visitor, stage.actors["chair"])
    page = await visitor.send(of_round(round_), "open_round", {})
    assert page.flash.startswith("The round is open and its rules are locked.")
    await stage.enter(round_, 0)
    await as_actor(visitor, stage.actors["secretary"])
    page = await visitor.send(of_round(round_), "close_entries", {})
    assert page.flash.startswith("The entries are closed.")
    page = await visitor.send(of_round(round_), "start_scoring", {})
    assert page.status == 409
    assert "5 declarations of interest are still missing." in page.main.text
    assert await state_of(stage, round_) is RoundState.DECLARATIONS


async def test_an_interest_is_declared_and_settled_and_recusal_takes_the_item_away(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.declaring(2)
    items = await stage.items(round_)
    hidden = {"item_id": global_id("RoundItem", items[0])}
    page = await at(visitor, stage, "board_member", round_)
    assert forms(page) == {"declare"}
    page = await visitor.send(of_round(round_), "declare", {"kind": "actual"}, **hidden)
    assert page.problems == ["Say what sort of interest it is.", "Say what the interest is."]
    ticked = page.form("declare", **hidden).one("input", value="actual")
    assert "checked" in ticked.attributes
    sort = {"conflict_interest": "employer_force_runs_pilot"}
    given = {"kind": "actual", "detail": OWN_FORCE} | sort
    page = await visitor.send(of_round(round_), "declare", given, **hidden)
    assert page.flash.startswith("Your declaration is recorded.")
    assert f"You declared: actual, employer force runs pilot ({OWN_FORCE})" in page.main.text

    page = await at(visitor, stage, "chair", round_)
    assert f"board_member: actual, employer force runs pilot. {OWN_FORCE}" in page.main.text
    interest = await _only_interest(stage)
    settle = {"interest_id": global_id("Interest", interest)}
    page = await visitor.send(of_round(round_), "resolve", {"action": "disclose_only"}, **settle)
    assert page.problems == ["An actual conflict of interest must recuse the member."]
    page = await visitor.send(of_round(round_), "resolve", {"action": "recuse_item"}, **settle)
    assert page.flash == "The interest is settled."
    assert (await _only_interest(stage)).action is InterestAction.RECUSE_ITEM

    page = await at(visitor, stage, "board_member", round_)
    assert "Candidate 1" not in page.main.text
    assert "Candidate 2" in page.main.text
    page = await forge(visitor, of_round(round_), "declare", kind="none", **hidden)
    assert page.status == 404


async def test_a_recused_member_sees_nothing_of_the_item_at_any_stage(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.scoring(2, recused={"board_member": 0})
    item = (await stage.items(round_))[0]
    page = await at(visitor, stage, "board_member", round_)
    assert "Candidate 1" not in page.main.text
    assert (await visitor.see(of_item(item))).status == 404
    page = await forge(visitor, of_item(item), "score", **_sheet(item))
    assert page.status == 404
    async with stage.database.session() as session:
        assert (await session.scalars(select(Score))).all() == []


async def test_a_member_is_recused_from_the_whole_round_and_somebody_takes_the_seat(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.scoring(1)
    page = await at(visitor, stage, "secretary", round_)
    assert page.has_form("replace_member")
    member, spare = (global_id("Person", stage.people[who]) for who in ("member_2", "spare_member"))
    page = await visitor.send(of_round(round_), "recuse_member", {"member_id": member})
    assert len(page.problems) == 3
    found = {"kind": "actual", "conflict_interest": "financial", "detail": "Owns shares in it."}
    given = {"member_id": member, "replacement_id": spare} | found
    page = await visitor.send(of_round(round_), "recuse_member", given)
    assert page.flash == "The member is recused."
    assert "spare_member in the place of member_2" in page.main.text
    assert "Owns shares in it." in page.main.text
    page = await at(visitor, stage, "member_2", round_)
    assert "You are recused from this round" in page.main.text
    assert "Candidate 1" not in page.main.text
    page = await at(visitor, stage, "spare_member", round_)
    assert forms(page) == {"declare"}


async def test_a_member_scores_with_reasons_and_can_change_them(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.scoring(1, suppliers_masked=True)
    (item,) = await stage.items(round_)
    waits = f"Score the candidates: {round_.title}"
    await as_actor(visitor, stage.actors["board_member"])
    assert waits in (await visitor.see("/")).main.text
    page = await at(visitor, stage, "board_member", round_)
    assert of_item(item) in page.links()
    assert "supplier masked" in page.main.text
    for masked in (page, await visitor.see(of_item(item))):
        assert stage.supplier.name not in masked.main.text
    page = await visitor.send(of_item(item), "score", {"scores.0.value": "4"})
    assert page.status == 400
    assert page.problems[:3] == [
        "Enter the reason for the score on evidence of effect",
        "Select the score on value for money",
        "Enter the reason for the score on value for money",
    ]
    short = _sheet(item) | {"scores.0.reason": "Because it works."}
    page = await visitor.send(of_item(item), "score", short)
    assert page.problems == [
        "Reason for the score on evidence of effect must be 80 characters or more"
    ]
    assert "Because it works." in page.form("score").text
    page = await visitor.send(of_item(item), "score", _sheet(item))
    assert page.flash.startswith("Your scores are recorded.")
    assert "Scored" in page.main.text
    assert waits not in (await visitor.see("/")).main.text
    form = (await visitor.see(of_item(item))).form("score")
    ticked = [e["value"] for e in form.all("input", type="radio") if "checked" in e.attributes]
    assert ticked == ["4", "4", "4"]
    page = await visitor.send(of_item(item), "score", _sheet(item, "3"))
    assert page.status == 200
    async with stage.database.session() as session:
        assert {s.value for s in await session.scalars(select(Score))} == {3}


async def test_the_evidence_cap_is_offered_shown_and_kept(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.opened(0)
    weak = await stage.published(name="Weak evidence")
    await stage.put(weak, best_grade=1)
    await stage.move("secretary", service.add_item, commands.AddItem, round_, technology_id=weak.id)
    await stage.move("secretary", service.close_entries, commands.CloseEntries, round_)
    (item,) = await stage.items(round_)
    for part in MEMBERS:
        await stage.declare(part, item)
    await stage.move("secretary", service.start_scoring, commands.StartScoring, round_)
    await as_actor(visitor, stage.actors["board_member"])
    form = (await visitor.see(of_item(item))).form("score")
    assert "Here the cap is 2." in form.text
    offered = [e["value"] for e in form.all("input", type="radio", name="scores.0.value")]
    assert offered == ["0", "1", "2"]
    page = await visitor.send(of_item(item), "score", _sheet(item, "3"))
    assert page.status == 400
    assert page.problems == [
        "The evidence cap of this item is 2: its best published evidence allows no higher score."
    ]


async def test_scores_are_blind_until_the_scoring_is_closed(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.scored((4, 3, 2), (5, 5, 5))
    text = (await at(visitor, stage, "board_member", round_)).response.text
    assert WHY not in text
    await stage.move("secretary", service.close_scoring, commands.CloseScoring, round_)
    page = await at(visitor, stage, "board_member", round_)
    assert page.response.text.count(WHY) == 2 * len(MEMBERS) * len(WEIGHTS)
    assert "66.0 of 100" in page.main.text


async def test_only_those_who_sit_on_the_round_score(visitor: Visitor, stage: BoardStage) -> None:
    round_ = await stage.scoring(1)
    (item,) = await stage.items(round_)
    for part in ("secretary", "spare_member", "adviser"):
        await as_actor(visitor, stage.actors[part])
        assert (await visitor.see(of_item(item))).status == 403, part
        assert (await forge(visitor, of_item(item), "score", **_sheet(item))).status == 403, part
    other = await stage.planned(title="Another round")
    await as_actor(visitor, stage.actors["board_member"])
    assert (await visitor.see(f"/rounds/{other.id}/items/{item.id}")).status == 404
    visitor.client.cookies.clear()
    assert (await visitor.see(of_item(item))).response.headers["location"].startswith("/login")


async def test_a_spread_is_moderated_at_its_page_and_approved_by_the_panel(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.scoring(1)
    (item,) = await stage.items(round_)
    for part in MEMBERS:
        await stage.score(part, item, 2 if part == "member_4" else 5, 4, 4)
    await stage.move("secretary", service.close_scoring, commands.CloseScoring, round_)
    there = f"{of_round(round_)}/moderation"
    page = await at(visitor, stage, "chair", round_)
    assert "1 criterion has to be moderated first." in page.main.text
    assert there in page.links()
    await as_actor(visitor, stage.actors["secretary"])
    hidden = {"item_id": global_id("RoundItem", item), "criterion": "evidence_of_effect"}
    page = await visitor.send(there, "moderate", {"who_said_what": "They agreed."}, **hidden)
    assert page.status == 400
    assert "Confirm that every part of the criterion was discussed." in page.problems
    account = "The chair and three members spoke to the trial; one held it to be too short."
    told = ("who_said_what", "decisive_reasons_and_weight", "conflicting_points_reconciled")
    fields = dict.fromkeys(told, account) | {"score_after": "4"}
    ticked = dict.fromkeys(("every_subcriterion_discussed", "no_bid_to_bid_comparatives"), "true")
    page = await visitor.send(there, "moderate", fields | ticked, **hidden)
    assert page.flash.startswith("The record is written.")
    assert "The record: 2, 5, 5, 5, 5 became 4" in page.main.text
    assert not page.has_form("answer")
    for part in MEMBERS[:3]:
        await as_actor(visitor, stage.actors[part])
        page = await visitor.send(there, "answer", {"approves": "true"})
    await as_actor(visitor, stage.actors["member_4"])
    page = await visitor.send(there, "answer", {"approves": "false"})
    assert page.problems == ["Say why you do not approve it."]
    against = {"approves": "false", "reason": "Two weeks show nothing."}
    page = await visitor.send(there, "answer", against)
    assert "3 of 5 approve" in page.main.text
    page = await at(visitor, stage, "chair", round_)
    assert "to be moderated first" not in page.main.text
    page = await visitor.send(of_round(round_), "rank", {"decisions.0.reason": REASON})
    assert page.flash.startswith("The candidates are ranked.")


async def test_the_chair_ranks_by_the_rules_with_reasons(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.moderated((2, 2, 2), (5, 4, 4), (4, 4, 4))
    page = await at(visitor, stage, "chair", round_)
    assert forms(page) == {"rank", "cancel", "declare"}
    told = [p.text for p in page.form("rank").all("p", contains="By the rules")]
    assert told == [
        "By the rules: Declined with rank 3",
        "By the rules: Shortlisted with rank 1",
        "By the rules: Reserve with rank 2",
    ]
    reasons = {f"decisions.{place}.reason": REASON for place in range(3)}
    page = await visitor.send(of_round(round_), "rank", reasons | {"decisions.1.reason": ""})
    assert page.problems == ["Enter the reason for Candidate 2"]
    page = await visitor.send(of_round(round_), "rank", reasons)
    assert page.problems == ["Say on which ground it is declined."]
    chosen = {"decisions.0.decision": "deferred_for_evidence"}
    page = await visitor.send(of_round(round_), "rank", reasons | chosen)
    assert page.flash.startswith("The candidates are ranked.")
    assert "These decisions are not published yet" in page.main.text
    decisions = {item.rank: item.decision for item in await stage.items(round_)}
    assert decisions == {
        1: BoardDecision.SHORTLISTED,
        2: BoardDecision.RESERVE,
        3: BoardDecision.DEFERRED_FOR_EVIDENCE,
    }


async def test_the_decision_record_is_published_with_means_totals_and_reasons(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.ranked(
        (5, 4, 4), (3, 3, 4), demonstration=True, standstill_days=0, places=1
    )
    await as_actor(visitor, stage.actors["secretary"])
    page = await visitor.send(of_round(round_), "start_standstill", {})
    assert page.flash.startswith("The standstill has begun.")
    page = await visitor.send(of_round(round_), "finish", {})
    assert page.flash == "The decision record is published."
    visitor.client.cookies.clear()
    page = await visitor.see(of_round(round_))
    ranked = page.main.all("li", class_="innohub-record__item")
    assert ["Candidate 1" in ranked[0].text, "Shortlisted" in ranked[0].text] == [True, True]
    assert ["Candidate 2" in ranked[1].text, "Reserve" in ranked[1].text] == [True, True]
    assert REASON in ranked[0].text
    picture = page.main.one("svg", class_="innohub-bars")
    assert picture["aria-label"] == (
        "Totals of 100: Candidate 1 90.0, Candidate 2 64.0. At least 60 are needed."
    )
    ranks = page.main.one("svg", class_="innohub-ranks")
    assert ranks["aria-label"] == (
        "Ranks that each candidate can take. Candidate 1: rank 1, always 1; "
        "Candidate 2: rank 2, always 2."
    )
    assert "every candidate keeps its rank" in page.main.text
    varied, table = page.main.all("table", class_="innohub-numbers-table")
    assert len(varied.all("tr")) == 2 + 2 * len(WEIGHTS)
    rows = [[c.text for c in row.walk() if c.tag in ("th", "td")] for row in table.all("tr")]
    assert rows == [
        ["Criterion", "Candidate 1", "Candidate 2"],
        ["Evidence of effect, weight 50", "5.00", "3.00"],
        ["Value for money, weight 30", "4.00", "3.00"],
        ["Operational need, weight 20", "4.00", "4.00"],
        ["Total of 100", "90.0", "64.0"],
    ]
    assert WHY in page.main.text
    assert f"{of_round(round_)}/record.pdf" in page.links()
    response = await visitor.client.get(f"{of_round(round_)}/record.pdf")
    printed = pypdf.PdfReader(io.BytesIO(response.content))
    text = " ".join("\n".join(sheet.extract_text() for sheet in printed.pages).split())
    assert "Decision record: " in str(printed.metadata.title if printed.metadata else "")
    for told in ("Candidate 1, version 1", "90.0", "Shortlisted", REASON, WHY):
        assert told in text
    assert not forms(page)
    for part in MEMBERS:
        assert stage.people[part].email not in text
        assert stage.people[part].email not in page.response.text


async def test_neither_the_record_as_a_pdf_nor_a_digest_tells_a_recused_member_of_the_candidate(
    visitor: Visitor, stage: BoardStage
) -> None:
    short = {"demonstration": True, "standstill_days": 0}
    round_ = await stage.scoring(2, recused={"board_member": 0}, **short)
    found = {"kind": "actual", "conflict_interest": "financial", "detail": "Owns shares in it."}
    member = {"member_id": stage.people["member_2"].id}
    await stage.move("secretary", service.recuse_member, RecuseMember, round_, **member, **found)
    for item in await stage.items(round_):
        for part in ("chair", "member_3", "member_4"):
            await stage.score(part, item, 4, 4, 4)
    await stage.move("secretary", service.close_scoring, commands.CloseScoring, round_)
    await stage.do("chair", service.rank, await stage.ranking(round_))
    await stage.move("secretary", service.start_standstill, commands.StartStandstill, round_)
    await stage.move("secretary", service.finish, commands.FinishRound, round_)

    async def printed(part: str) -> str:
        await at(visitor, stage, part, round_)
        response = await visitor.client.get(f"{of_round(round_)}/record.pdf")
        sheets = pypdf.PdfReader(io.BytesIO(response.content)).pages
        return " ".join(sheet.extract_text() for sheet in sheets)

    for part, seen in (("member_3", 2), ("board_member", 1), ("member_2", 0)):
        text = await printed(part)
        assert ("Candidate 1" in text, "Candidate 2" in text) == (seen > 1, seen > 0), part

    # Nothing that the board weighs can be chosen for a digest; what the member is told of the round
    # itself does not name the candidate.
    for part in ("board_member", "member_2"):
        person = stage.people[part]
        with pytest.raises(Invalid):
            await stage.do(
                part, set_channel, SetNoticeChannel(kind=NoticeKind.BOARD, channel=Channel.DIGEST)
            )
        async with stage.database.unit_of_work(SYSTEM.signature()) as work:
            assert not await compose(work, person.id, "2026-11-03", "http://hub.test")
        told = [n.text for n in await stage.all(Notice) if n.person_id == person.id]
        assert not any("Candidate 1" in text for text in told)


async def test_a_supplier_reads_its_assessment_and_a_review_of_it_is_decided(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.standing_still((5, 4, 4), (3, 3, 4), recused={"board_member": 0})
    item = (await stage.items(round_))[0]
    page = await at(visitor, stage, "rival_admin", round_)
    assert not page.main.all("li", class_="innohub-record__item")
    page = await at(visitor, stage, "supplier_admin", round_)
    assert "This is the board's assessment of what concerns you." in page.main.text
    assert WHY in page.main.text
    hidden = {"item_id": global_id("RoundItem", item)}
    page = await visitor.send(of_round(round_), "request_review", {"statement": "No"}, **hidden)
    assert page.problems == ["Select the ground", "What went wrong must be 40 characters or more"]
    asked = {"ground": "factual_error", "statement": WHY}
    page = await visitor.send(of_round(round_), "request_review", asked, **hidden)
    assert page.flash == "Your request is on record."
    # Nothing of it is on the page of the recused member.
    page = await at(visitor, stage, "board_member", round_)
    assert "Candidate 2" in page.main.text
    assert "Candidate 1" not in page.response.text
    page = await at(visitor, stage, "evaluation_adviser", round_)
    assert "Asked for by Ledger Light" in page.main.text
    decided = {"outcome": "upheld_rescore", "reason": WHY}
    page = await visitor.send(of_round(round_), "decide_review", decided)
    assert page.flash == "The review is decided."
    assert await state_of(stage, round_) is RoundState.MODERATION


async def test_the_standstill_is_kept(visitor: Visitor, stage: BoardStage) -> None:
    round_ = await stage.standing_still((5, 4, 4), (3, 3, 4))
    await as_actor(visitor, stage.actors["secretary"])
    assert not (await visitor.see(of_round(round_))).has_form("finish")
    page = await forge(visitor, of_round(round_), "finish", round_id=global_id("Round", round_))
    assert page.status == 409
    assert "The standstill lasts until the end of 12 November 2026." in page.main.text
    assert await state_of(stage, round_) is RoundState.STANDSTILL


async def test_a_round_is_cancelled_with_a_reason(visitor: Visitor, stage: BoardStage) -> None:
    round_ = await stage.opened(1)
    await as_actor(visitor, stage.actors["chair"])
    page = await visitor.send(of_round(round_), "cancel", {"reason": REASON})
    assert page.flash == "The round is cancelled."
    assert await state_of(stage, round_) is RoundState.CANCELLED


async def test_steps_of_the_chair_and_the_secretary_are_theirs_alone(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.opened(1)
    before = await stage.fingerprint()
    sent = {"round_id": global_id("Round", round_)}
    for part, do, status in (
        ("board_member", "close_entries", 403),
        ("chair", "close_entries", 403),
        ("secretary", "cancel", 403),
        ("adviser", "cancel", 403),
        ("secretary", "start_scoring", 409),
        ("other_secretary", "close_entries", 403),
        ("rival_admin", "close_entries", 403),
    ):
        await as_actor(visitor, stage.actors[part])
        fields = sent | ({"reason": REASON} if do == "cancel" else {})
        page = await forge(visitor, of_round(round_), do, **fields)
        assert page.status == status, (part, do)
    assert await stage.fingerprint() == before


async def test_a_step_on_an_older_state_is_a_conflict(visitor: Visitor, stage: BoardStage) -> None:
    round_ = await stage.planned()
    page = await at(visitor, stage, "chair", round_)
    stale = {f["name"]: f["value"] for f in page.form("cancel").all("input", type="hidden")}
    await stage.move("chair", service.open_round, commands.OpenRound, round_)
    page = Seen(await visitor.client.post(of_round(round_), data=stale | {"reason": REASON}))
    assert page.status == 409
    assert "Somebody else changed this round since you opened it." in page.main.text
    assert await state_of(stage, round_) is RoundState.OPEN


def _sheet(item: RoundItem, value: str = "4") -> dict[str, str]:
    sheet = {"item_id": global_id("RoundItem", item)}
    for place, criterion in enumerate(WEIGHTS):
        sheet[f"scores.{place}.criterion"] = criterion
        sheet[f"scores.{place}.value"] = value
        sheet[f"scores.{place}.reason"] = WHY
    return sheet


async def _only_interest(stage: BoardStage) -> Interest:
    async with stage.database.session() as session:
        return (await session.scalars(select(Interest))).one()


async def test_a_round_is_planned_at_its_page_by_the_boards_secretary_alone(
    visitor: Visitor, stage: BoardStage
) -> None:
    for part in ("board_member", "lead", "adviser"):
        await as_actor(visitor, stage.actors[part])
        assert (await visitor.see("/rounds/new")).status == 403, part
        assert "/rounds/new" not in (await visitor.see("/rounds")).links()
    await as_actor(visitor, stage.actors["secretary"])
    assert "/rounds/new" in (await visitor.see("/rounds")).links()
    page = await visitor.see("/rounds/new")
    form = page.form("plan")
    boxes = [box for box in form.all("input", type="checkbox") if box["name"] == "members"]
    assert len(boxes) == len(MEMBERS) + 1
    texts = {one["name"]: one["value"] for one in form.all("input", type="text")}
    given = texts | {"title": "Winter round", "purpose": "What saves officers' time."}
    given |= {"members": [one["value"] for one in boxes]}
    page = await visitor.send("/rounds/new", "plan", given | {"criteria.0.weight": "21"})
    assert page.problems == ["The weights must total 100; these total 101."]
    assert await stage.all(Round) == []
    page = await visitor.send("/rounds/new", "plan", given)
    assert page.flash.startswith("The round is planned.")
    (planned,) = await stage.all(Round)
    assert (planned.title, planned.quorum, planned.standstill_days) == ("Winter round", 5, 8)


async def test_a_member_who_may_yet_take_a_seat_sees_no_scores_before_the_publication(
    visitor: Visitor, stage: BoardStage
) -> None:
    round_ = await stage.moderated((5, 4, 4), (3, 3, 4), demonstration=True, standstill_days=0)
    page = await at(visitor, stage, "spare_member", round_)
    assert "of 100 in total" in page.main.text
    assert WHY not in page.main.text
    assert (await visitor.see(f"{of_round(round_)}/moderation")).status == 200
    await stage.do("chair", service.rank, await stage.ranking(round_))
    page = await at(visitor, stage, "spare_member", round_)
    assert "Candidate 1" in page.main.text
    assert WHY not in page.main.text
    assert not page.main.all("svg", class_="innohub-bars")
    await stage.move("secretary", service.start_standstill, commands.StartStandstill, round_)
    await stage.move("secretary", service.finish, commands.FinishRound, round_)
    assert WHY in (await at(visitor, stage, "spare_member", round_)).main.text
