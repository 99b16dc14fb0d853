"""A supplier's response to a challenge: written, changed, and taken back, until the deadline."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.challenges import commands
from innohub.market.challenges import service as challenges
from innohub.market.challenges.models import RESPONDING, ChallengeResponse
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step
from innohub.web.pages.listings.facts import as_stored
from innohub.web.reading import global_id

OPEN = {state.name for state in RESPONDING}


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    actor.require(Permission.CHALLENGE_RESPOND)
    own = actor.with_permission(Permission.CHALLENGE_RESPOND)
    return {
        "id": global_id("Challenge", request.path_params["number"]),
        "suppliers": [identifiers.encode("Supplier", id) for id in own],
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    challenge = data["challenge"]
    suppliers = [supplier for supplier in data["suppliers"] if supplier]
    responses = challenge["responses"]["nodes"]
    ids = {supplier["id"] for supplier in suppliers}
    return {
        "challenge": challenge,
        "open": challenge["state"] in OPEN,
        "own": next((one for one in responses if one["supplier"]["id"] in ids), None),
        "suppliers": [(one["id"], one["name"]) for one in suppliers] if len(suppliers) > 1 else [],
        "listings": [
            (technology["id"], technology["name"])
            for supplier in suppliers
            for technology in supplier["technologies"]["nodes"]
            if technology["state"] == "PUBLISHED"
        ],
    }


def _back(request: Request, response: ChallengeResponse) -> str:
    return f"/challenges/{response.challenge_id}"


PAGE = Page(
    "challenge_response",
    "/challenges/{number:int}/respond",
    variables=variables,
    needed=("challenge",),
    context=context,
    actions={
        "respond": step(
            commands.RespondToChallenge,
            challenges.respond,
            prepare=as_stored,
            then=_back,
            done="Your response is stored. You can change it until the deadline.",
        ),
        "withdraw": step(
            commands.WithdrawResponse,
            challenges.withdraw_response,
            then=_back,
            done="Your response is withdrawn. You can respond again until the deadline.",
        ),
    },
    signed_in=True,
)
