"""Stages for the mutations of challenges."""

from datetime import timedelta
from typing import Any

from innohub.market.challenges.models import (
    Challenge,
    ChallengeForce,
    ChallengeMerger,
    ChallengeQuestion,
    ChallengeResponse,
    ChallengeState,
)
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.models import PilotState
from tests.graphql.matrix.listings import REASON, Stage
from tests.graphql.matrix.pilots import a_pilot, a_result
from tests.graphql.matrix.world import NOW, World, gid

S = ChallengeState
TODAY = NOW.date()
SOON = TODAY + timedelta(days=20)
LATER = TODAY + timedelta(days=40)
NEED = {
    "title": "Case files come back", "problem": "Blacked out by hand.", "kpi": "recorded_crime",
    "category": "ai_model", "constraints": "None.",
}  # fmt: skip
NUMBERS = {"baseline_value": 10.0, "budget_from_pence": 100, "budget_to_pence": 200}
WIRED = {"baselineValue": 10.0, "budgetFromPence": 100, "budgetToPence": 200}
PUBLIC = {S.PUBLISHED, S.CLARIFYING, S.MATCHING, S.PILOTING}
OFFER = {"proposal": "A service that blacks out what must not be seen.", "delivery": "In May."}


async def a_challenge(world: World, state: ChallengeState, side: str = "own") -> Challenge:
    challenge = Challenge(
        **NEED, **NUMBERS, state=state, demonstration=True, created_at=NOW,
        force_id=world.everybody.organisation("force", side).id,
        invited_at=None if state is S.DRAFT else NOW, cosponsors_until=SOON,
        respond_by=SOON, published_at=NOW if state in PUBLIC else None,
    )  # fmt: skip
    await world.add(challenge)
    return challenge


def on(state: ChallengeState, side: str = "own", **fields: Any) -> Stage:
    """The mutation's input names a challenge in this state."""

    async def stage(world: World) -> dict[str, Any]:
        return {"challengeId": gid("Challenge", await a_challenge(world, state, side)), **fields}

    return stage


async def to_draft(world: World) -> dict[str, Any]:
    return {"forceId": gid("Force", world.everybody.organisation("force")), **NEED, **WIRED}


async def to_join(world: World) -> dict[str, Any]:
    given = await on(S.OPEN_FOR_COSPONSORS, "other")(world)
    return given | {"forceId": gid("Force", world.everybody.organisation("force"))}


async def to_decline(world: World) -> dict[str, Any]:
    challenge = await a_challenge(world, S.PUBLISHED, "other")
    own = world.everybody.organisation("force")
    await world.add(
        ChallengeForce(challenge_id=challenge.id, force_id=own.id, invited_at=NOW, created_at=NOW)
    )
    given = {"challengeId": gid("Challenge", challenge), "forceId": gid("Force", own)}
    return given | {"reason": REASON}


async def to_leave(world: World) -> dict[str, Any]:
    challenge = await a_challenge(world, S.PUBLISHED, "other")
    own = world.everybody.organisation("force")
    await world.add(
        ChallengeForce(challenge_id=challenge.id, force_id=own.id, joined_at=NOW, created_at=NOW)
    )
    return {"challengeId": gid("Challenge", challenge), "forceId": gid("Force", own)}


async def to_propose(world: World) -> dict[str, Any]:
    one, into = [await a_challenge(world, S.OPEN_FOR_COSPONSORS, s) for s in ("own", "other")]
    return {"challengeId": gid("Challenge", one), "intoId": gid("Challenge", into),
            "reason": REASON}  # fmt: skip


def proposed(*, agreed: bool) -> Stage:
    async def stage(world: World) -> dict[str, Any]:
        one, into = [await a_challenge(world, S.OPEN_FOR_COSPONSORS, s) for s in ("own", "other")]
        at = NOW if agreed else None
        merger = ChallengeMerger(
            challenge_id=one.id, into_id=into.id, reason=REASON, agreed_at=at, into_agreed_at=at,
            created_at=NOW,
        )  # fmt: skip
        await world.add(merger)
        return {"mergerId": gid("ChallengeMerger", merger)}

    return stage


async def to_answer(world: World) -> dict[str, Any]:
    challenge = await a_challenge(world, S.CLARIFYING)
    question = ChallengeQuestion(
        challenge_id=challenge.id, supplier_id=world.everybody.organisation("supplier").id,
        question="Which system is it?", created_at=NOW,
    )  # fmt: skip
    await world.add(question)
    return {"questionId": gid("ChallengeQuestion", question), "answer": "Ledger."}


def of_supplier(**fields: Any) -> Stage:
    async def stage(world: World) -> dict[str, Any]:
        supplier = gid("Supplier", world.everybody.organisation("supplier"))
        return await on(S.PUBLISHED)(world) | {"supplierId": supplier, **fields}

    return stage


async def to_take_back(world: World) -> dict[str, Any]:
    challenge = await a_challenge(world, S.PUBLISHED)
    response = ChallengeResponse(
        **OFFER, challenge_id=challenge.id, changed_at=NOW, created_at=NOW,
        supplier_id=world.everybody.organisation("supplier").id,
    )  # fmt: skip
    await world.add(response)
    return {"responseId": gid("ChallengeResponse", response)}


def with_pilot(state: ChallengeState, *, told: bool) -> Stage:
    """A pilot of it is being scoped; or `told`, published and promising."""

    async def stage(world: World) -> dict[str, Any]:
        challenge = await a_challenge(world, state)
        pilot = await a_pilot(world, PilotState.PUBLISHED if told else PilotState.SCOPING)
        await world.change(pilot, challenge_id=challenge.id)
        if told:
            result = await a_result(world, pilot, confirmed=True)
            await world.change(result, published_at=NOW, verdict=Verdict.PROMISING)
        return {"challengeId": gid("Challenge", challenge)}

    return stage


STAGES: dict[str, Stage] = {
    "draftChallenge": to_draft,
    "editChallenge": on(S.DRAFT, **NEED, **WIRED),
    "openChallenge": on(S.DRAFT),
    "cosponsorChallenge": to_join,
    "declineInvitation": to_decline,
    "leaveChallenge": to_leave,
    "proposeMerger": to_propose,
    "agreeToMerger": proposed(agreed=False),
    "mergeChallenges": proposed(agreed=True),
    "publishChallenge": on(S.OPEN_FOR_COSPONSORS, respondBy=str(LATER)),
    "moveDeadline": on(S.PUBLISHED, respondBy=str(LATER), reason=REASON),
    "askQuestion": of_supplier(question="Which system is it?"),
    "answerQuestion": to_answer,
    "respondToChallenge": of_supplier(**OFFER),
    "withdrawResponse": to_take_back,
    "withdrawChallenge": on(S.PUBLISHED, reason=REASON),
    "closeChallengeUnmet": on(S.MATCHING, reason=REASON),
    "startChallengePiloting": with_pilot(S.MATCHING, told=False),
    "markChallengeAnswered": with_pilot(S.PILOTING, told=True),
    "followChallenge": on(S.PUBLISHED),
    "unfollowChallenge": on(S.PUBLISHED),
}
