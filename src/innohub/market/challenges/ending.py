"""How a challenge goes on once the responses are in, and how it ends.

Whether the pilots that answer it are far enough is known by the capability of pilots, which asks
here once they are.
"""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.permissions import Permission
from innohub.market.challenges import alerts
from innohub.market.challenges.commands import (
    CloseChallengeUnmet,
    MarkChallengeAnswered,
    StartChallengePiloting,
    WithdrawChallenge,
)
from innohub.market.challenges.loading import held, move, require_sponsor
from innohub.market.challenges.models import CHALLENGE, Challenge
from innohub.market.working_days import in_words, london_date


async def withdraw(work: UnitOfWork, actor: Actor, command: WithdrawChallenge) -> Challenge:
    """End it before its deadline; its owner does. Raises NotFound, Denied without
    `challenge:close`, WrongState, Invalid without a reason once it was published, Conflict on a
    stale revision."""
    challenge = await held(work, actor, command.challenge_id, command.revision)
    actor.require(Permission.CHALLENGE_CLOSE, challenge.force_id)
    CHALLENGE.after("withdraw", challenge.state)
    if challenge.published_at is not None and command.reason is None:
        raise Invalid("Say why: it is published, and everybody reads it.", field="reason")
    challenge.closed_at, challenge.closing_reason = work.now, command.reason
    await move(work, challenge, "withdraw", reason=command.reason)
    if challenge.invited_at is not None:
        text = f"The challenge “{challenge.title}” is withdrawn."
        await alerts.tell_everybody(work, challenge, text, "withdrawn")
    return challenge


async def close_responses(work: UnitOfWork, challenge: Challenge) -> None:
    """The deadline has passed: the responses stand, and sponsors and board read them. The hub
    itself does, on a challenge that it holds."""
    assert challenge.respond_by is not None
    if london_date(work.now) <= challenge.respond_by:
        raise WrongState(f"Suppliers can respond until {in_words(challenge.respond_by)}.")
    await move(work, challenge, "close_responses", detail={"by": SYSTEM.name})
    text = f"The responses to “{challenge.title}” are closed. Its sponsors compare them now."
    await alerts.tell_everybody(work, challenge, text, "matching")


async def start_piloting(
    work: UnitOfWork, actor: Actor, command: StartChallengePiloting
) -> Challenge:
    """Pilots begin to answer it; the senior responsible owner of any sponsor says so. Raises
    NotFound, Denied, WrongState, Conflict on a stale revision."""
    challenge = await held(work, actor, command.challenge_id, command.revision)
    await require_sponsor(work, actor, Permission.CHALLENGE_APPROVE, challenge)
    await move(work, challenge, "start_piloting")
    text = f"The challenge “{challenge.title}” goes into pilots."
    await alerts.tell_everybody(work, challenge, text, "piloting")
    return challenge


async def mark_answered(
    work: UnitOfWork, actor: Actor, command: MarkChallengeAnswered, *, because: str
) -> Challenge:
    """Something works, or promises to; `because` says which pilot shows it. Raises NotFound, Denied
    without `challenge:close`, WrongState, Conflict on a stale revision."""
    challenge = await held(work, actor, command.challenge_id, command.revision)
    actor.require(Permission.CHALLENGE_CLOSE, challenge.force_id)
    challenge.closed_at, challenge.closing_reason = work.now, because
    await move(work, challenge, "answer", reason=because)
    text = f"The challenge “{challenge.title}” is answered. {because} Buy it together."
    await alerts.tell_everybody(work, challenge, text, "answered")
    return challenge


async def close_unmet(work: UnitOfWork, actor: Actor, command: CloseChallengeUnmet) -> Challenge:
    """End it without an answer; its owner does. Raises NotFound, Denied without `challenge:close`,
    WrongState, Conflict on a stale revision."""
    challenge = await held(work, actor, command.challenge_id, command.revision)
    actor.require(Permission.CHALLENGE_CLOSE, challenge.force_id)
    challenge.closed_at, challenge.closing_reason = work.now, command.reason
    await move(work, challenge, "close_unmet", reason=command.reason)
    text = f"The challenge “{challenge.title}” is closed without an answer: {command.reason}"
    await alerts.tell_everybody(work, challenge, text, "unmet")
    return challenge
