"""Rounds of the board: planned, opened, and for the finished one all the way to its record."""

from collections.abc import Iterator
from functools import partial

from innohub.identity.actor import Actor
from innohub.identity.models import Role
from innohub.market.board import service as board
from innohub.market.board.commands import (
    AddItem,
    CloseEntries,
    CloseScoring,
    CriterionScore,
    CriterionWeight,
    DeclareInterest,
    FinishRound,
    ItemDecision,
    OpenRound,
    PlanRound,
    RankRound,
    ResolveInterest,
    ScoreItem,
    StartScoring,
    StartStandstill,
)
from innohub.market.board.models import InterestKind
from innohub.market.board.moderation.commands import AnswerModeration, ModerateCriterion
from innohub.market.board.reviews.commands import DecideReview, RequestReview
from innohub.seed.rounds import ScoreSheet, StoryReview, StoryRound
from innohub.seed.telling.stage import BOARD, PANEL, Stage
from innohub.seed.telling.timetable import AFTERNOON, EVENING, MORNING, NOON, Step

DAYS_OF_PLANNING = 3


def round_steps(stage: Stage, round_: StoryRound) -> Iterator[Step]:
    """From the plan to where the story has come; days that it does not name are still to come."""
    days = round_.timeline
    given = [
        (days.opened_day - DAYS_OF_PLANNING, MORNING, "is planned", _plan),
        (days.opened_day, MORNING, "opens", _open),
        (days.opened_day + 1, NOON, "has candidates", _enter),
        (days.cut_off_day, EVENING, "takes no more candidates", _close_entries),
        (days.declared_day, NOON, "has its interests declared", _declare),
        (days.declared_day, EVENING, "begins to score", _start_scoring),
        (days.scored_day, MORNING, "is scored", _score),
        (days.scored_day if round_.decided else None, EVENING, "is scored in full", _close_scoring),
        (days.provisional_day, NOON, "is moderated", _moderate),
        (days.provisional_day, AFTERNOON, "is ranked", _rank),
        (days.standstill_day, MORNING, "stands still", _stand_still),
        (days.final_day, NOON, "is final", _finish),
    ]
    for day, hour, what, act in given:
        if day is not None and day < 0:
            yield Step(day + hour, f"“{round_.title}” {what}", partial(act, stage, round_))
    for review in round_.reviews:
        what = f"“{round_.title}” is challenged"
        yield Step(review.day + NOON, what, partial(_challenge, stage, round_, review))
        if review.decided_day is not None:
            what = f"The challenge to “{round_.title}” is decided"
            yield Step(review.decided_day + NOON, what, partial(_decide, stage, round_, review))


def _secretary(stage: Stage) -> Actor:
    return stage.holder(BOARD, Role.BOARD_SECRETARY)


def _chair(stage: Stage) -> Actor:
    return stage.holder(BOARD, Role.BOARD_CHAIR)


async def _plan(stage: Stage, round_: StoryRound) -> None:
    members = [stage.actors[email].person_id for email in round_.members]
    command = PlanRound(
        title=round_.title,
        purpose=round_.purpose,
        criteria=[CriterionWeight(criterion=c.id, weight=c.weight) for c in round_.criteria],
        members=[person_id for person_id in members if person_id is not None],
        demonstration=True,
        **round_.rules.model_dump(),
    )
    planned = await stage.do(_secretary(stage), board.plan_round, command)
    stage.rounds[round_.slug] = planned.id


async def _open(stage: Stage, round_: StoryRound) -> None:
    await stage.do(_chair(stage), board.open_round, OpenRound(round_id=stage.rounds[round_.slug]))


async def _enter(stage: Stage, round_: StoryRound) -> None:
    secretary, round_id = _secretary(stage), stage.rounds[round_.slug]
    async with stage.work_of(secretary) as work:
        for candidate in round_.items:
            technology_id = stage.technologies[candidate.technology]
            command = AddItem(round_id=round_id, technology_id=technology_id)
            item = await board.add_item(work, secretary, command)
            stage.candidates[round_.slug, candidate.technology] = item.id


async def _close_entries(stage: Stage, round_: StoryRound) -> None:
    command = CloseEntries(round_id=stage.rounds[round_.slug])
    await stage.do(_secretary(stage), board.close_entries, command)


async def _declare(stage: Stage, round_: StoryRound) -> None:
    """Every member on every candidate; then the chair settles what was declared."""
    told = {(interest.member, interest.item): interest for interest in round_.interests}
    unsettled: list[ResolveInterest] = []
    for email in round_.members:
        member = stage.actors[email]
        async with stage.work_of(member) as work:
            for candidate in round_.items:
                interest = told.get((email, candidate.technology))
                command = DeclareInterest(
                    item_id=stage.candidates[round_.slug, candidate.technology],
                    kind=interest.kind if interest else InterestKind.NONE,
                    conflict_interest=interest.conflict_interest if interest else None,
                    detail=interest.statement if interest else None,
                )
                declared = await board.declare_interest(work, member, command)
                if interest is not None:
                    settled = ResolveInterest(interest_id=declared.id, action=interest.action)
                    unsettled.append(settled)
    for resolution in unsettled:
        await stage.do(_chair(stage), board.resolve_interest, resolution)


async def _start_scoring(stage: Stage, round_: StoryRound) -> None:
    command = StartScoring(round_id=stage.rounds[round_.slug])
    await stage.do(_secretary(stage), board.start_scoring, command)


async def _score(stage: Stage, round_: StoryRound) -> None:
    for email in round_.members:
        member = stage.actors[email]
        async with stage.work_of(member) as work:
            for sheet in round_.scores:
                if sheet.member == email:
                    await board.score(work, member, _scores(stage, round_, sheet))


def _scores(stage: Stage, round_: StoryRound, sheet: ScoreSheet) -> ScoreItem:
    return ScoreItem(
        item_id=stage.candidates[round_.slug, sheet.item],
        scores=[
            CriterionScore(criterion=criterion, value=given.score, reason=given.reason)
            for criterion, given in sheet.criteria.items()
        ],
    )


async def _close_scoring(stage: Stage, round_: StoryRound) -> None:
    command = CloseScoring(round_id=stage.rounds[round_.slug])
    await stage.do(_secretary(stage), board.close_scoring, command)


async def _moderate(stage: Stage, round_: StoryRound) -> None:
    """The secretary writes; everybody of the panel says whether it is right."""
    for story in round_.moderation:
        command = ModerateCriterion(
            item_id=stage.candidates[round_.slug, story.item],
            every_subcriterion_discussed=True,
            no_bid_to_bid_comparatives=True,
            **story.model_dump(exclude={"item", "dissenting"}),
        )
        record = await stage.do(_secretary(stage), board.moderate, command)
        for sheet in round_.scores:
            if sheet.item == story.item:
                against = story.dissenting.get(sheet.member)
                answer = AnswerModeration(
                    record_id=record.id, approves=against is None, reason=against
                )
                await stage.do(stage.actors[sheet.member], board.answer, answer)


async def _rank(stage: Stage, round_: StoryRound) -> None:
    decisions = [
        ItemDecision(
            item_id=stage.candidates[round_.slug, entry.item],
            reason=entry.reason,
            decision=entry.decision,
            decline_reason=entry.decline_reason,
        )
        for entry in round_.decisions
    ]
    command = RankRound(round_id=stage.rounds[round_.slug], decisions=decisions)
    await stage.do(_chair(stage), board.rank, command)


async def _stand_still(stage: Stage, round_: StoryRound) -> None:
    command = StartStandstill(round_id=stage.rounds[round_.slug])
    await stage.do(_secretary(stage), board.start_standstill, command)


async def _finish(stage: Stage, round_: StoryRound) -> None:
    command = FinishRound(round_id=stage.rounds[round_.slug])
    await stage.do(_secretary(stage), board.finish, command)


async def _challenge(stage: Stage, round_: StoryRound, review: StoryReview) -> None:
    command = RequestReview(
        item_id=stage.candidates[round_.slug, review.item],
        ground=review.ground,
        statement=review.statement,
    )
    supplier = stage.story.technology[review.item].supplier
    asked = await stage.do(
        stage.holder(supplier, Role.SUPPLIER_ADMIN), board.request_review, command
    )
    stage.reviews[round_.slug, review.item] = asked.id


async def _decide(stage: Stage, round_: StoryRound, review: StoryReview) -> None:
    command = DecideReview.parse(
        {
            "review_id": stage.reviews[round_.slug, review.item],
            "outcome": review.outcome,
            "reason": review.outcome_reason,
        }
    )
    adviser = stage.holder(PANEL, Role.EVALUATION_ADVISER)
    await stage.do(adviser, board.decide_review, command)
