"""A round's scores as its record shows them: means, totals, and what the rules make of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from innohub.db import identifiers
from innohub.market.board import ranking
from innohub.market.board.gating.models import Gate, GateStage
from innohub.market.board.models import BoardDecision, RoundState
from innohub.market.catalogue.models import ListingState

Row = Mapping[str, Any]

LISTED_AT_MOST = 100
"""Scores of one item that a read brings; with more, nothing is foretold."""


@dataclass(frozen=True)
class Foretold:
    """What the rules decide about an item, before the chair has written the reasons."""

    rank: int | None
    decision: str
    """In GraphQL's name."""
    by_gate: bool = False
    """Whether a gate decides, and not the scores."""

    @property
    def may_defer(self) -> bool:
        return self.decision == BoardDecision.DECLINED.name and not self.by_gate


def number_of(item: Row) -> int:
    """As in the addresses of the item's own page."""
    return identifiers.decode(item["id"])[1]


def late(round_: Row) -> bool:
    """Whether the reader took a seat after the scoring closed, and may score all the same."""
    return any(one["mine"] and one["seatedLate"] and not one["leftAt"] for one in round_["members"])


def is_masked(round_: Row) -> bool:
    """Whether the reader is to score without the suppliers' names now."""
    scores = round_["seated"] and (round_["state"] == RoundState.SCORING.name or late(round_))
    return bool(round_["suppliersMasked"] and scores)


def is_current(record: Row, scores: list[Row]) -> bool:
    """Whether a moderation record was written of the blind scores that stand now."""
    name = record["criterion"]
    now = sorted(score["value"] for score in scores if score["criterion"] == name)
    return bool(record["scoresBefore"] == now)


def owed(item: Row) -> list[Row]:
    """The pilots of its supplier that are unreported and unexplained: it cannot be shortlisted."""
    supplier = item["technology"]["supplier"]
    pilots = supplier["unreported"]["nodes"] if supplier else []
    return [pilot for pilot in pilots if pilot["overdueExplainedAt"] is None]


def failing(item: Row) -> list[Row]:
    """The gates that it does not pass, as far as they were looked at; what its supplier owes, as it
    is now."""
    newest = {check["gate"]: check for check in sorted(item["gates"], key=_later)}
    return [
        check
        for gate, check in newest.items()
        if (bool(owed(item)) if gate == Gate.NO_OVERDUE_RESULTS.name else not check["passed"])
    ]


def _later(check: Row) -> bool:
    return bool(check["stage"] == GateStage.RANKING.name)


def stable(item: Row) -> tuple[int, int]:
    """The best and the worst rank it takes when one weight is a fifth lower or higher."""
    ranks = [item["rank"], *(one["rank"] for one in item["variations"])]
    return min(ranks), max(ranks)


def means(item: Row) -> dict[str, float]:
    """The mean of the scores that the reader may see, by criterion; of a moderated one, the agreed
    score."""
    return {name: sum(values) / len(values) for name, values in _given(item).items()}


def foretold(round_: Row) -> dict[str, Foretold]:
    """What ranking the round now would decide, by the items' ids; empty where the reader does not
    see every score."""
    items = round_["items"]
    wanted = {one["criterion"] for one in round_["criteria"]}
    complete = all(
        _given(item).keys() == wanted and len(item["scores"]) < LISTED_AT_MOST for item in items
    )
    if not complete:
        return {}
    states = {number_of(item): item["technology"]["state"] for item in items}
    withdrawn = {id for id, state in states.items() if state == ListingState.WITHDRAWN.name}
    barred = {id for id, state in states.items() if state != ListingState.PUBLISHED.name}
    barred |= {number_of(item) for item in items if failing(item)}
    candidates = [
        ranking.Candidate(number_of(item), _given(item), item["wholeLifePence"])
        for item in items
        if number_of(item) not in withdrawn
    ]
    standings = ranking.rank(candidates, _rules(round_), _seed(items))
    decided = ranking.decisions(standings, round_["places"], barred)
    ranks = {standing.id: standing.rank for standing in standings}
    return {
        item["id"]: Foretold(
            ranks.get(number_of(item)),
            decided.get(number_of(item), BoardDecision.WITHDRAWN).name,
            bool(failing(item)),
        )
        for item in items
    }


def _given(item: Row) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for score in item["scores"]:
        found.setdefault(score["criterion"], []).append(score["value"])
    for record in item["moderation"]:
        found[record["criterion"]] = [record["scoreAfter"]]
    return found


def _seed(items: list[Row]) -> str:
    """The lots are drawn from the blind scores, whatever the panel agreed on later."""
    blind = [
        ranking.Candidate(number_of(item), _given({**item, "moderation": []})) for item in items
    ]
    return ranking.lot_seed(blind)


def _rules(round_: Row) -> ranking.Rules:
    return ranking.Rules(
        weights={one["criterion"]: one["weight"] for one in round_["criteria"]},
        threshold_total=round_["thresholdTotal"],
        threshold_any_criterion=round_["thresholdAnyCriterion"],
    )
