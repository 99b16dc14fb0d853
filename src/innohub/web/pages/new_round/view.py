"""The secretary or the chair plans a round: its purpose, its rules and who sits on it."""

from typing import Any

from starlette.requests import Request

from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.board import service as board
from innohub.market.board.commands import STANDSTILL_DAYS, PlanRound
from innohub.market.board.models import Round
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step


async def variables(request: Request) -> Data:
    if not may_plan((await caller_of(request)).actor):
        raise Denied("The board's secretary or chair plans its rounds.")
    return {}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    members = [(one["id"], one["name"]) for one in data["members"]["nodes"]]
    return {
        "members": members,
        # The vocabulary's, or as many as there are.
        "quorum": min(5, len(members)) or 1,
        "scores": min(3, len(members)) or 1,
        "standstill": STANDSTILL_DAYS,
    }


def may_plan(actor: Actor) -> bool:
    return actor.may(Permission.ROUND_RUN) or actor.may(Permission.ROUND_CHAIR)


def _there(request: Request, planned: Round) -> str:
    return f"/rounds/{planned.id}"


PAGE = Page(
    "new_round",
    "/rounds/new",
    variables=variables,
    context=context,
    actions={
        "plan": step(
            PlanRound,
            board.plan_round,
            then=_there,
            done="The round is planned. Next, the chair opens it, which locks its rules.",
        )
    },
    signed_in=True,
)
