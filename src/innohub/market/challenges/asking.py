"""Suppliers ask, the sponsors answer, everybody reads: no private answers."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.challenges import alerts, policy
from innohub.market.challenges.commands import AnswerQuestion, AskQuestion
from innohub.market.challenges.loading import held, move, require_sponsor
from innohub.market.challenges.models import (
    RESPONDING,
    Challenge,
    ChallengeQuestion,
    ChallengeState,
)
from innohub.market.working_days import london_date
from innohub.outbox.service import record


async def ask(work: UnitOfWork, actor: Actor, command: AskQuestion) -> ChallengeQuestion:
    """Ask the sponsors; with the first question the challenge is being clarified.

    Raises NotFound, Denied without `challenge:ask`, WrongState where suppliers cannot respond now.
    """
    challenge = await held(work, actor, command.challenge_id, command.revision)
    supplier_id = command.supplier_id or actor.only_organisation(Permission.CHALLENGE_ASK)
    actor.require(Permission.CHALLENGE_ASK, supplier_id)
    still_open(work, challenge, "Questions")
    question = ChallengeQuestion(
        challenge_id=challenge.id,
        supplier_id=supplier_id,
        question=command.question,
        created_at=work.now,
    )
    work.session.add(question)
    detail = {"challenge_id": challenge.id}
    await record(work, "challenge_question:ask", question, detail=detail)
    if challenge.state is ChallengeState.PUBLISHED:
        await move(work, challenge, "clarify", detail={"question_id": question.id})
    await alerts.asked(work, challenge, question)
    return question


async def answer(work: UnitOfWork, actor: Actor, command: AnswerQuestion) -> ChallengeQuestion:
    """Answer a question, once, for a sponsoring force; whoever asked is told.

    Raises NotFound, Denied, WrongState once the responses are closed, Conflict where it is answered
    already.
    """
    seen = policy.question_visible(ChallengeQuestion, Viewer(actor))
    query = select(ChallengeQuestion).where(ChallengeQuestion.id == command.question_id, seen)
    question = await work.session.scalar(query)
    if question is None:
        raise NotFound("There is no such question.")
    challenge = await held(work, actor, question.challenge_id)
    await require_sponsor(work, actor, Permission.CHALLENGE_POST, challenge)
    still_open(work, challenge, "Answers")
    await work.session.refresh(question, with_for_update=True)
    if question.answer is not None:
        raise Conflict("This question is answered already.")
    question.answer, question.answered_at = command.answer, work.now
    detail = {"challenge_id": challenge.id}
    await record(work, "challenge_question:answer", question, detail=detail)
    await alerts.answered(work, challenge, question)
    return question


def still_open(work: UnitOfWork, challenge: Challenge, what: str) -> None:
    """Raise WrongState unless suppliers can respond: also after the deadline, before the hub has
    closed it."""
    if challenge.state not in RESPONDING or challenge.respond_by is None:
        raise WrongState(f"{what} are taken while a challenge is open to suppliers.")
    if london_date(work.now) > challenge.respond_by:
        raise WrongState(f"{what} are no longer taken: the deadline has passed.")
