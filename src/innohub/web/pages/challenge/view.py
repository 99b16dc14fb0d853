"""One challenge: what is needed, who sponsors it, what is asked and offered, what is like it."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.challenges import commands
from innohub.market.challenges import service as challenges
from innohub.market.challenges.models import Challenge
from innohub.market.evidence import service as evidence
from innohub.market.pilots.for_challenges import service as with_pilots
from innohub.market.working_days import london_date
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step
from innohub.web.pages.challenge.next_steps import doors, owns, waiting
from innohub.web.pages.evidence.view import Pooled, where
from innohub.web.reading import global_id


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    forces = actor.with_permission(Permission.CHALLENGE_SPONSOR)
    suppliers = actor.with_permission(Permission.CHALLENGE_ASK)
    return {
        "id": global_id("Challenge", request.path_params["number"]),
        "forces": [identifiers.encode("Force", id) for id in forces],
        "suppliers": [identifiers.encode("Supplier", id) for id in suppliers],
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    challenge = data["challenge"]
    mergers = [one for one in challenge["mergers"]["nodes"] if one["challenge"] and one["into"]]
    own = {pilot["number"] for pilot in challenge["pilots"]["nodes"]}
    today = london_date(request.app.state.database.clock())
    return {
        "challenge": challenge,
        "doors": doors(challenge, actor, today),
        "waiting": waiting(challenge),
        "past": [
            one
            for one in challenge["pastPilots"]
            if one["pilot"] and one["pilot"]["number"] not in own
        ],
        "together": _together(challenge),
        "where": where,
        "joined": [one for one in challenge["furtherForces"] if one["joinedAt"]],
        "invited": [one for one in challenge["furtherForces"] if not one["joinedAt"]],
        "mergers": mergers,
        "proposed": {side["id"] for one in mergers for side in (one["challenge"], one["into"])},
        "owns": lambda force: owns(actor, force),
        "forces": _several(data["forces"]),
        "suppliers": _several(data["suppliers"]),
        "baseline": _baseline(challenge),
    }


def _together(challenge: Data) -> Pooled | None:
    """What its pilots show together, in the widest view; None before the first is published."""
    for row in challenge["pooledEffects"]:
        return Pooled(
            row=row,
            pooled=[one for one in row["trials"] if one["excludedBecause"] is None],
            left_out=[one for one in row["trials"] if one["excludedBecause"] is not None],
            unreported=[],
            models=[],
        )
    return None


def _baseline(challenge: Data) -> str:
    """ "64 per cent"; empty where it is not said."""
    value, unit = challenge["baselineValue"], challenge["kpiUnit"]
    return "" if value is None else f"{value:g} {'per cent' if unit == 'percent' else unit}"


def _several(nodes: list[Any]) -> list[tuple[str, str]]:
    """Choices for somebody who acts for several; nothing is asked of the others."""
    found = [(node["id"], node["name"]) for node in nodes if node]
    return found if len(found) > 1 else []


def _goes_on(request: Request, challenge: Challenge) -> str:
    return f"/challenges/{challenge.id}"


PAGE = Page(
    "challenge",
    "/challenges/{number:int}",
    variables=variables,
    needed=("challenge",),
    context=context,
    actions={
        "open": step(
            commands.OpenChallenge,
            challenges.open_to_forces,
            done="The challenge is open to the other forces, and peers are invited.",
        ),
        "cosponsor": step(
            commands.CosponsorChallenge,
            challenges.cosponsor,
            done="Your force co-sponsors this challenge.",
        ),
        "leave": step(
            commands.LeaveChallenge,
            challenges.leave,
            done="Your force no longer sponsors this challenge.",
        ),
        "publish": step(
            commands.PublishChallenge,
            with_pilots.publish,
            done="The challenge is published, and the suppliers that match are told.",
        ),
        "move_deadline": step(
            commands.MoveDeadline, challenges.move_deadline, done="The deadline is moved."
        ),
        "ask": step(
            commands.AskQuestion,
            challenges.ask,
            done="Your question is asked. The answer will stand here, for everybody.",
        ),
        "answer": step(
            commands.AnswerQuestion, challenges.answer, done="Your answer is published."
        ),
        "withdraw": step(
            commands.WithdrawChallenge,
            challenges.withdraw_challenge,
            done="The challenge is withdrawn.",
        ),
        "close_unmet": step(
            commands.CloseChallengeUnmet, with_pilots.close_unmet, done="The challenge is closed."
        ),
        "start_piloting": step(
            commands.StartChallengePiloting,
            with_pilots.start_piloting,
            done="The challenge is in pilots. Everybody who follows it is told.",
        ),
        "mark_answered": step(
            commands.MarkChallengeAnswered,
            evidence.mark_answered,
            done="The challenge is answered. Its sponsors are told to buy it together.",
        ),
        "propose_merger": step(
            commands.ProposeMerger,
            challenges.propose_merger,
            done="The merger is proposed. Both owners have to agree.",
        ),
        "agree_to_merger": step(
            commands.AgreeToMerger,
            challenges.agree_to_merger,
            done="Your force agrees. The programme officer merges them once both do.",
        ),
        "merge": step(
            commands.MergeChallenges,
            challenges.merge,
            then=_goes_on,
            done="The challenges are merged. This is the one that goes on.",
        ),
        "decline_invitation": step(
            commands.DeclineInvitation,
            challenges.decline_invitation,
            done="Your force declines. It is reminded no more.",
        ),
        "follow": step(
            commands.FollowChallenge, challenges.follow, done="You are told of what happens to it."
        ),
        "unfollow": step(
            commands.UnfollowChallenge, challenges.unfollow, done="You are told of it no longer."
        ),
    },
)
