"""What a challenge waits for, and what its reader can do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.challenges.models import CHALLENGE, JOINING, RESPONDING
from innohub.market.challenges.models import ChallengeState as S
from innohub.market.challenges.posting import EDITABLE
from innohub.market.pilots.for_challenges.asking import PILOTED
from innohub.web.wording import day

WAITS = {
    S.DRAFT: "The owner completes the draft and opens it to the other forces.",
    S.OPEN_FOR_COSPONSORS: "Other forces co-sponsor it until {cosponsors}. Then the owner "
    "publishes it to suppliers.",
    S.PUBLISHED: "Suppliers ask and respond until {respond}.",
    S.CLARIFYING: "Suppliers ask and respond until {respond}.",
    S.MATCHING: "The sponsors compare the responses. Pilots follow, or the challenge is closed.",
    S.PILOTING: "Pilots show whether something works.",
}


@dataclass(frozen=True)
class Doors:
    """Which steps the page offers. Each is checked again when it is taken."""

    edits: bool
    opens: bool
    joins: bool
    declines: bool
    leaves: bool
    publishes: bool
    moves_deadline: bool
    asks: bool
    answers: bool
    responds: bool
    withdraws: bool
    closes: bool
    pilots: bool
    starts_piloting: bool
    answers_it: bool
    proposes_merger: bool
    merges: bool
    pools: bool


def waiting(challenge: Mapping[str, Any]) -> str | None:
    """The sentence under "What happens next"; None where nothing does."""
    words = WAITS.get(S[challenge["state"]])
    return words and words.format(
        cosponsors=day(challenge["cosponsorsUntil"]), respond=day(challenge["respondBy"])
    )


def doors(challenge: Mapping[str, Any], actor: Actor, today: date) -> Doors:
    state, owner = S[challenge["state"]], _number(challenge["force"]["id"])
    joined = {_number(one["force"]["id"]) for one in challenge["furtherForces"] if one["joinedAt"]}
    sponsors = {owner} | joined
    mine = set(actor.with_permission(Permission.CHALLENGE_SPONSOR))
    until, by = challenge["cosponsorsUntil"], challenge["respondBy"]
    responding = state in RESPONDING and by is not None and today <= date.fromisoformat(by)
    invited = state in JOINING and until is not None and today <= date.fromisoformat(until)
    return Doors(
        edits=state in EDITABLE and actor.may(Permission.CHALLENGE_POST, owner),
        opens=CHALLENGE.allows("open", state) and actor.may(Permission.CHALLENGE_POST, owner),
        joins=invited and bool(mine - sponsors),
        declines=invited and bool(mine & _asked(challenge)),
        leaves=state in JOINING and bool(mine & joined),
        publishes=CHALLENGE.allows("publish", state)
        and actor.may(Permission.CHALLENGE_APPROVE, owner),
        moves_deadline=state in RESPONDING and actor.may(Permission.CHALLENGE_APPROVE, owner),
        asks=responding and actor.may(Permission.CHALLENGE_ASK),
        answers=responding and any(actor.may(Permission.CHALLENGE_POST, id) for id in sponsors),
        responds=responding and actor.may(Permission.CHALLENGE_RESPOND),
        withdraws=CHALLENGE.allows("withdraw", state)
        and actor.may(Permission.CHALLENGE_CLOSE, owner),
        closes=CHALLENGE.allows("close_unmet", state)
        and actor.may(Permission.CHALLENGE_CLOSE, owner),
        pilots=state in PILOTED
        and bool(sponsors & set(actor.with_permission(Permission.PILOT_REQUEST))),
        starts_piloting=CHALLENGE.allows("start_piloting", state)
        and any(actor.may(Permission.CHALLENGE_APPROVE, id) for id in sponsors),
        answers_it=CHALLENGE.allows("answer", state)
        and actor.may(Permission.CHALLENGE_CLOSE, owner),
        proposes_merger=CHALLENGE.allows("merge", state)
        and (actor.may(Permission.CHALLENGE_MERGE) or actor.may(Permission.CHALLENGE_POST, owner)),
        merges=actor.may(Permission.CHALLENGE_MERGE),
        pools=state is S.ANSWERED and actor.may(Permission.POOL_RUN),
    )


def _asked(challenge: Mapping[str, Any]) -> set[int]:
    """Forces that were invited and have answered nothing."""
    return {
        _number(one["force"]["id"])
        for one in challenge["furtherForces"]
        if one["invitedAt"] and not one["joinedAt"] and not one["declinedAt"]
    }


def owns(actor: Actor, force: Mapping[str, Any]) -> bool:
    """Whether the reader speaks for this force in challenges."""
    return actor.may(Permission.CHALLENGE_POST, _number(force["id"]))


def _number(id: str) -> int:
    return identifiers.decode(id)[1]
