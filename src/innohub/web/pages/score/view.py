"""A member scores one candidate, on every criterion of the round, with reasons."""

from typing import Any

from starlette.requests import Request

from innohub.errors import Denied, NotFound
from innohub.identity.actor import Actor
from innohub.market.board import commands
from innohub.market.board import service as board
from innohub.market.board.models import RoundItem, RoundState
from innohub.market.board.ranking import EVIDENCE
from innohub.web.page import Data, Page, step
from innohub.web.pages.round.standings import late
from innohub.web.reading import global_id

SCALE = [
    (0, "0, no answer, or it fails"),
    (1, "1, major reservations"),
    (2, "2, some reservations"),
    (3, "3, meets what is needed"),
    (4, "4, exceeds it"),
    (5, "5, outstanding"),
]
"""The vocabulary's score scale."""


def variables(request: Request) -> Data:
    return {
        "round": global_id("Round", request.path_params["number"]),
        "item": global_id("RoundItem", request.path_params["item"]),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    round_, item = data["round"], data["item"]
    if item["id"] not in {one["id"] for one in round_["items"]}:
        raise NotFound("This page does not exist.")
    if not round_["seated"]:
        raise Denied("Only those who sit on this round score its candidates.")
    helps = {one["value"]: one["help"] for one in data["criteria"]}
    mine = {score["criterion"]: score for score in item["scores"] if score["mine"]}
    once = RoundState[round_["state"]] is RoundState.MODERATION and late(round_)
    return {
        "round": round_,
        "item": item,
        "open": RoundState[round_["state"]] is RoundState.SCORING or (once and not mine),
        "once": once,
        "asked": [
            {
                **one,
                "help": _help(one["criterion"], helps, item["evidenceCap"]),
                "scale": _scale(one["criterion"], item["evidenceCap"]),
                "mine": mine.get(one["criterion"]),
            }
            for one in round_["criteria"]
        ],
    }


def _scale(criterion: str, cap: int) -> list[tuple[str, str]]:
    most = cap if criterion == EVIDENCE else len(SCALE)
    return [(str(value), words) for value, words in SCALE if value <= most]


def _help(criterion: str, helps: dict[str, str | None], cap: int) -> str:
    text = helps.get(criterion) or ""
    if criterion == EVIDENCE:
        return f"{text} Here the cap is {cap}.".strip()
    return text


def _to_the_round(request: Request, item: RoundItem) -> str:
    return f"/rounds/{item.round_id}#item-{item.id}"


PAGE = Page(
    "score",
    "/rounds/{number:int}/items/{item:int}",
    variables=variables,
    needed=("round", "item"),
    context=context,
    actions={
        "score": step(
            commands.ScoreItem,
            board.score,
            then=_to_the_round,
            done="Your scores are recorded.",
        )
    },
    signed_in=True,
)
