"""A round's scores as its record shows them: means, totals, and what the rules make of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from innohub.db import identifiers
from innohub.market.board import ranking
from innohub.market.board.models import BoardDecision
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

    @property
    def may_defer(self) -> bool:
        return self.decision == BoardDecision.DECLINED.name


def number_of(item: Row) -> int:
    """As in the addresses of the item's own page."""
    return identifiers.decode(item["id"])[1]


def owed(item: Row) -> list[Row]:
    """The pilots of its supplier that are unreported and unexplained: it cannot be shortlisted."""
    supplier = item["technology"]["supplier"]
    pilots = supplier["unreported"]["nodes"] if supplier else []
    return [pilot for pilot in pilots if pilot["overdueExplainedAt"] is None]


def means(item: Row) -> dict[str, float]:
    """The mean of the scores that the reader may see, by criterion."""
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
    barred |= {number_of(item) for item in items if owed(item)}
    candidates = [
        ranking.Candidate(number_of(item), _given(item))
        for item in items
        if number_of(item) not in withdrawn
    ]
    standings = ranking.rank(candidates, _rules(round_))
    decided = ranking.decisions(standings, round_["places"], barred)
    ranks = {standing.id: standing.rank for standing in standings}
    return {
        item["id"]: Foretold(
            ranks.get(number_of(item)),
            decided.get(number_of(item), BoardDecision.WITHDRAWN).name,
        )
        for item in items
    }


def _given(item: Row) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for score in item["scores"]:
        found.setdefault(score["criterion"], []).append(score["value"])
    return found


def _rules(round_: Row) -> ranking.Rules:
    return ranking.Rules(
        weights={one["criterion"]: one["weight"] for one in round_["criteria"]},
        threshold_total=round_["thresholdTotal"],
        threshold_any_criterion=round_["thresholdAnyCriterion"],
    )
