"""Scores that lie far apart are talked over: what was said, the agreed score, the panel's word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.board import service as board
from innohub.market.board.models import RoundState
from innohub.market.board.moderation import commands
from innohub.market.board.moderation.checking import approved
from innohub.market.board.ranking import EVIDENCE
from innohub.web.page import Data, Page, step
from innohub.web.pages.round.standings import is_current
from innohub.web.pages.score.view import SCALE
from innohub.web.reading import global_id

Row = Mapping[str, Any]
CONFIRM = [("true", "Yes")]


@dataclass(frozen=True)
class Place:
    """One criterion of one candidate, flagged or moderated already."""

    item: Row
    criterion: Row
    scores: list[Row]
    record: Row | None

    @property
    def anchor(self) -> str:
        return f"{self.item['number']}-{self.criterion['criterion']}"

    @property
    def panel(self) -> int:
        """Members who scored the candidate; each scored every criterion."""
        return len(self.scores)

    @property
    def yes(self) -> int:
        return sum(one["approves"] for one in self.record["approvals"]) if self.record else 0

    @property
    def settled(self) -> bool:
        return not self.outdated and approved(self.yes, self.panel)

    @property
    def outdated(self) -> bool:
        """Whether its record was written of other scores than those that stand now."""
        return self.record is not None and not is_current(self.record, self.scores)

    @property
    def scale(self) -> list[tuple[str, str]]:
        is_evidence = self.criterion["criterion"] == EVIDENCE
        most = self.item["evidenceCap"] if is_evidence else len(SCALE)
        return [(str(value), words) for value, words in SCALE if value <= most]

    @property
    def mine(self) -> Row | None:
        """What the reader said of the wording."""
        said = self.record["approvals"] if self.record else []
        return next((one for one in said if one["mine"]), None)

    @property
    def is_mine(self) -> bool:
        """Whether the reader is of the panel."""
        return any(score["mine"] for score in self.scores)


def variables(request: Request) -> Data:
    return {"round": global_id("Round", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    round_ = data["round"]
    places = list(_places(round_))
    if not round_["items"]:
        raise NotFound("This page does not exist.")
    writes = actor.may(Permission.ROUND_CHAIR) or actor.may(Permission.ROUND_RUN)
    return {
        "round": round_,
        "places": places,
        "open": round_["state"] == RoundState.MODERATION.name,
        "writes": writes,
        "waiting": sum(not place.settled for place in places),
        "confirm": CONFIRM,
        "further": list(_further(round_, places)),
    }


def _places(round_: Row) -> Iterator[Place]:
    for item in round_["items"]:
        records = {record["criterion"]: record for record in item["moderation"]}
        for criterion in round_["criteria"]:
            name = criterion["criterion"]
            if name in item["flagged"] or name in records:
                scores = [score for score in item["scores"] if score["criterion"] == name]
                yield Place(item, criterion, scores, records.get(name))


def _further(round_: Row, places: list[Place]) -> Iterator[Place]:
    """Criteria that need no moderation, and may have one all the same."""
    shown = {place.anchor for place in places}
    for item in round_["items"]:
        for criterion in round_["criteria"]:
            scores = [s for s in item["scores"] if s["criterion"] == criterion["criterion"]]
            place = Place(item, criterion, scores, None)
            if place.anchor not in shown and scores:
                yield place


PAGE = Page(
    "round_moderation",
    "/rounds/{number:int}/moderation",
    variables=variables,
    needed=("round",),
    context=context,
    actions={
        "moderate": step(
            commands.ModerateCriterion,
            board.moderate,
            done="The record is written. Next, each member of the panel says whether it is right.",
        ),
        "answer": step(
            commands.AnswerModeration, board.answer, done="Your answer to the record is kept."
        ),
    },
    signed_in=True,
)
