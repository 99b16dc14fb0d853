"""One decision: approve it, decline it, or pass it on."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.market.decisions import service
from innohub.market.decisions.acting import Decided
from innohub.market.decisions.commands import (
    ApproveDecision,
    DeclineDecision,
    DelegateDecision,
    TakeBackDecision,
)
from innohub.market.working_days import london_date
from innohub.web.page import Data, Page, step
from innohub.web.pages.decisions.view import acts_by_kind
from innohub.web.reading import global_id

ALL = "/decisions"
ABOUT = ("pilot", "challenge", "saving", "pool")
"""What a decision can be about; each has its page."""


def variables(request: Request) -> Data:
    return {"id": global_id("Decision", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    one = data["decision"]
    me = global_id("Person", actor.person_id or 0)
    return {
        "one": one,
        "acts": acts_by_kind()[one["kind"]],
        "about": next(
            (f"/{name}s/{one[name]['number']}" for name in ABOUT if one[name] is not None), None
        ),
        "people": [(p["id"], p["name"]) for p in one["colleagues"]["nodes"] if p["id"] != me],
        "today": london_date(request.app.state.database.clock()).isoformat(),
    }


def _to_the_others(request: Request, _: Any) -> str:
    return ALL


def _decided(decided: Decided) -> str:
    return f"Decided: {decided.line}."


PAGE = Page(
    "decision",
    "/decisions/{number:int}",
    variables=variables,
    needed=("decision",),
    context=context,
    actions={
        "approve": step(ApproveDecision, service.approve, then=_to_the_others, done=_decided),
        "decline": step(DeclineDecision, service.decline, then=_to_the_others, done=_decided),
        "delegate": step(
            DelegateDecision,
            service.delegate,
            then=_to_the_others,
            done="It is passed on, and they are told.",
        ),
        "take_back": step(
            TakeBackDecision, service.take_back, done="You took it back: it is yours to decide."
        ),
    },
    signed_in=True,
)
