"""A need is written down: a new one, or one that is not published yet."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.challenges import commands
from innohub.market.challenges import service as challenges
from innohub.market.challenges.models import Challenge
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step
from innohub.web.pages.listings.facts import pence
from innohub.web.reading import global_id

SUMS = ("budget_from_pence", "budget_to_pence")


def in_pence(given: dict[str, Any]) -> dict[str, Any]:
    """The fields with sums in pence; what is no sum in pounds stays, for the command to refuse."""
    return {
        name: pence(value) if name in SUMS and isinstance(value, str) else value
        for name, value in given.items()
    }


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    actor.require(Permission.CHALLENGE_POST)
    number = request.path_params.get("number")
    own = actor.with_permission(Permission.CHALLENGE_POST)
    return {
        "id": global_id("Challenge", number or 1),
        "editing": number is not None,
        "forces": [identifiers.encode("Force", id) for id in own],
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    forces = [(force["id"], force["name"]) for force in data["forces"] if force]
    return {
        "challenge": data.get("challenge"),
        "forces": forces if len(forces) > 1 else [],
        "kpis": [
            (kpi["value"], f"{kpi['label']} ({_unit(kpi['unit'])})")
            for kpi in sorted(data["kpis"], key=lambda kpi: str(kpi["label"]))
        ],
    }


def _unit(unit: str) -> str:
    return "per cent" if unit == "percent" else unit


def _address(request: Request, challenge: Challenge) -> str:
    return f"/challenges/{challenge.id}"


NEW = Page(
    "challenge_need",
    "/challenges/new",
    variables=variables,
    context=context,
    actions={
        "write": step(
            commands.DraftChallenge,
            challenges.draft,
            prepare=in_pence,
            then=_address,
            done="The challenge is stored as a draft. Next, open it to the other forces.",
        )
    },
    signed_in=True,
)
PAGE = Page(
    "challenge_need",
    "/challenges/{number:int}/edit",
    variables=variables,
    needed=("challenge",),
    context=context,
    actions={
        "write": step(
            commands.EditChallenge,
            challenges.edit,
            prepare=in_pence,
            then=_address,
            done="The challenge is changed.",
        )
    },
    signed_in=True,
)
