"""Challenges: posted, sponsored, published, asked about and responded to, each to its state."""

from collections.abc import Iterator
from functools import partial

from innohub.identity.models import Role
from innohub.market.challenges import commands
from innohub.market.challenges import service as challenges
from innohub.market.challenges.models import ChallengeState
from innohub.market.evidence import service as evidence
from innohub.market.pilots.for_challenges import service as with_pilots
from innohub.seed.challenges import (
    StoryChallenge,
    StoryCosponsor,
    StoryQuestion,
    StoryResponse,
)
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import AFTERNOON, DAWN, EVENING, MORNING, NOON, Step

NEED = (
    "title", "problem", "kpi", "category", "baseline_value", "baseline_source", "constraints",
    "budget_from_pence", "budget_to_pence",
)  # fmt: skip
LEAD, OWNER = Role.FORCE_INNOVATION_LEAD, Role.FORCE_SENIOR_RESPONSIBLE_OWNER


def challenge_steps(stage: Stage, row: StoryChallenge) -> Iterator[Step]:
    """From the draft to where the story has come."""
    said = f"“{row.title}”"
    yield Step(row.drafted_day + MORNING, f"{said} is written", partial(_draft, stage, row))
    if row.opened_day is not None:
        at = row.opened_day + MORNING
        yield Step(at, f"{said} is open to forces", partial(_open, stage, row))
    for one in row.cosponsors:
        yield Step(one.day + NOON, f"{said} is co-sponsored", partial(_join, stage, row, one))
    if row.published_day is not None:
        at = row.published_day + AFTERNOON
        yield Step(at, f"{said} is published", partial(_publish, stage, row))
    for question in row.questions:
        yield from _asking(stage, row, question)
    for response in row.responses:
        what = f"{said} has a response"
        yield Step(response.day + NOON, what, partial(_respond, stage, row, response))
    yield from _after_the_deadline(stage, row)
    if row.merge_into is not None:
        yield Step(-1 + EVENING, f"{said} may be merged", partial(_propose_merger, stage, row))
    if row.followers:
        at = (row.published_day or row.opened_day or row.drafted_day) + EVENING
        yield Step(at, f"{said} is followed", partial(_follow, stage, row))


def _after_the_deadline(stage: Stage, row: StoryChallenge) -> Iterator[Step]:
    said = f"“{row.title}”"
    if row.respond_by_day is not None and row.respond_by_day < -1:
        tend = partial(challenges.tend_challenges, stage.database)
        yield Step(row.respond_by_day + 1 + DAWN, f"{said} takes no more responses", tend)
    if row.piloting_day is not None:
        at = row.piloting_day + AFTERNOON
        yield Step(at, f"{said} is piloted", partial(_start_piloting, stage, row))
    if row.ended_day is not None:
        yield Step(row.ended_day + AFTERNOON, f"{said} ends", partial(_end, stage, row))


def _asking(stage: Stage, row: StoryChallenge, one: StoryQuestion) -> Iterator[Step]:
    asked: list[int] = []
    ask = partial(_ask, stage, row, one, asked)
    yield Step(one.day + MORNING, f"A question about “{row.title}”", ask)
    if one.answered_day is not None:
        answer = partial(_answer, stage, row, one, asked)
        yield Step(one.answered_day + AFTERNOON, f"An answer about “{row.title}”", answer)


async def _draft(stage: Stage, row: StoryChallenge) -> None:
    command = commands.DraftChallenge(**row.model_dump(include=set(NEED)))
    lead = stage.holder(row.force, LEAD)
    stage.challenges[row.slug] = (await stage.do(lead, challenges.draft, command)).id


async def _open(stage: Stage, row: StoryChallenge) -> None:
    command = commands.OpenChallenge(challenge_id=stage.challenges[row.slug])
    await stage.do(stage.holder(row.force, LEAD), challenges.open_to_forces, command)


async def _join(stage: Stage, row: StoryChallenge, one: StoryCosponsor) -> None:
    command = commands.CosponsorChallenge(
        challenge_id=stage.challenges[row.slug], statement=one.statement
    )
    await stage.do(stage.holder(one.force, LEAD), challenges.cosponsor, command)


async def _publish(stage: Stage, row: StoryChallenge) -> None:
    command = commands.PublishChallenge(
        challenge_id=stage.challenges[row.slug],
        respond_by=stage.clock.date_of(row.respond_by_day or 0),
    )
    await stage.do(stage.holder(row.force, OWNER), with_pilots.publish, command)


async def _ask(stage: Stage, row: StoryChallenge, one: StoryQuestion, asked: list[int]) -> None:
    command = commands.AskQuestion(challenge_id=stage.challenges[row.slug], question=one.question)
    supplier = stage.holder(one.supplier, Role.SUPPLIER_ADMIN)
    asked.append((await stage.do(supplier, challenges.ask, command)).id)


async def _answer(stage: Stage, row: StoryChallenge, one: StoryQuestion, asked: list[int]) -> None:
    command = commands.AnswerQuestion(question_id=asked[0], answer=one.answer or "")
    await stage.do(stage.holder(row.force, LEAD), challenges.answer, command)


async def _respond(stage: Stage, row: StoryChallenge, one: StoryResponse) -> None:
    offered = one.technology
    command = commands.RespondToChallenge(
        challenge_id=stage.challenges[row.slug],
        technology_id=None if offered is None else stage.technologies[offered],
        **one.model_dump(exclude={"supplier", "day", "technology"}),
    )
    await stage.do(stage.holder(one.supplier, Role.SUPPLIER_ADMIN), challenges.respond, command)


async def _start_piloting(stage: Stage, row: StoryChallenge) -> None:
    command = commands.StartChallengePiloting(challenge_id=stage.challenges[row.slug])
    await stage.do(stage.holder(row.force, OWNER), with_pilots.start_piloting, command)


async def _end(stage: Stage, row: StoryChallenge) -> None:
    owner, id = stage.holder(row.force, OWNER), stage.challenges[row.slug]
    if row.state is ChallengeState.ANSWERED:
        await stage.do(
            owner, evidence.mark_answered, commands.MarkChallengeAnswered(challenge_id=id)
        )
        return
    closing = commands.CloseChallengeUnmet(challenge_id=id, reason=row.reason or "")
    await stage.do(owner, with_pilots.close_unmet, closing)


async def _propose_merger(stage: Stage, row: StoryChallenge) -> None:
    command = commands.ProposeMerger(
        challenge_id=stage.challenges[row.slug],
        into_id=stage.challenges[row.merge_into or ""],
        reason=row.reason or "Both ask for the same, and one answer would do for both.",
    )
    await stage.do(stage.holder(row.force, LEAD), challenges.propose_merger, command)


async def _follow(stage: Stage, row: StoryChallenge) -> None:
    command = commands.FollowChallenge(challenge_id=stage.challenges[row.slug])
    for email in row.followers:
        await stage.do(stage.actors[email], challenges.follow, command)
