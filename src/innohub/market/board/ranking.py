"""From scores to ranks, as pure arithmetic: the same scores always give the same order.

Totals are fractions, so that a tie is a tie and not an accident of rounding. Nothing here knows
who gave a score, nor in which order items came in.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby, pairwise
from statistics import median

from innohub.market.board.models import BoardDecision, TieRule

BEST_SCORE = 5
EVIDENCE = "evidence_of_effect"
VALUE = "value_for_money"
NO_RESULT = 1
CAP_BY_GRADE = {0: 2, 1: 2, 2: 3, 3: 4, 4: 5, 5: 5}
SPREAD = 2
"""How far scores may not lie apart without being talked over: `moderation_trigger`."""
CHANGES = (-20, 20)
"""Per cent by which each weight is changed, to see how far the order hangs on it."""
Weights = Mapping[str, int | Fraction]
"""By criterion; they total 100."""


@dataclass(frozen=True)
class Candidate:
    """An item and the scores it got on each criterion, in any order."""

    id: int
    scores: Mapping[str, Sequence[int]]
    whole_life_pence: int | None = None
    """Of the standing quote; who has none has no claim to be the cheaper."""


@dataclass(frozen=True)
class Rules:
    weights: Weights
    threshold_total: float
    threshold_any_criterion: float


@dataclass(frozen=True)
class Standing:
    """Where a candidate ended. `tie` is the rule that set it apart from one of equal total."""

    id: int
    total: Fraction
    means: Mapping[str, Fraction]
    over_thresholds: bool
    rank: int
    tie: TieRule | None


def evidence_cap(best_grade: int | None) -> int:
    """The highest score on evidence that the best published Maryland grade allows."""
    return NO_RESULT if best_grade is None else CAP_BY_GRADE[best_grade]


def total_of(candidate: Candidate, weights: Weights) -> Fraction:
    """The weighted mean of the scores, of 100."""
    means = _means(candidate)
    return sum((weights[name] * means[name] for name in weights), Fraction(0)) / BEST_SCORE


def flagged(values: Sequence[int]) -> bool:
    """Whether the scores on one criterion of one item must be moderated: their range, or the
    distance of one from their median, is two or more."""
    middle = median(values)
    apart = max(abs(value - middle) for value in values)
    return max(values) - min(values) >= SPREAD or apart >= SPREAD


def rank(
    candidates: Collection[Candidate], rules: Rules, seed: str | None = None
) -> list[Standing]:
    """Every candidate in its place, the best first; ranks count from 1 without gaps or sharing.

    `seed` is what the lots are drawn from, where it is not the candidates' own scores.
    """
    seed = lot_seed(candidates) if seed is None else seed
    means = {one.id: _means(one) for one in candidates}
    totals = {one.id: total_of(one, rules.weights) for one in candidates}
    costs = {one.id: one.whole_life_pence for one in candidates}
    keys = {id: (-totals[id], *_tie_key(means[id], costs[id], lot(seed, id))) for id in totals}
    order = sorted(totals, key=lambda id: keys[id])
    ties: dict[int, TieRule] = {}
    for _, group in groupby(order, key=lambda id: totals[id]):
        ties |= _tie_rules([(id, keys[id][1:]) for id in group])
    return [
        Standing(
            id=id,
            total=totals[id],
            means=means[id],
            over_thresholds=totals[id] >= rules.threshold_total
            and all(mean >= rules.threshold_any_criterion for mean in means[id].values()),
            rank=place,
            tie=ties.get(id),
        )
        for place, id in enumerate(order, start=1)
    ]


@dataclass(frozen=True)
class Variation:
    """Where each candidate ends when one criterion weighs more or less."""

    criterion: str
    change_percent: int
    standings: Sequence[Standing]


def variations(
    candidates: Collection[Candidate], rules: Rules, seed: str | None = None
) -> list[Variation]:
    """The ranking again with each weight a fifth lower and a fifth higher, all weights brought back
    to a total of 100 in proportion. The lots stay those of the ranking itself."""
    seed = lot_seed(candidates) if seed is None else seed
    return [
        Variation(
            criterion,
            change,
            rank(
                candidates, replace(rules, weights=_changed(rules.weights, criterion, change)), seed
            ),
        )
        for criterion in rules.weights
        for change in CHANGES
    ]


def _changed(weights: Weights, criterion: str, change: int) -> Weights:
    raw = {
        name: Fraction(weight) * (100 + change if name == criterion else 100) / 100
        for name, weight in weights.items()
    }
    total = sum(raw.values())
    return {name: weight * 100 / total for name, weight in raw.items()}


def decisions(
    standings: Sequence[Standing], places: int, barred: Collection[int]
) -> dict[int, BoardDecision]:
    """What the rules decide: the best over the thresholds are shortlisted while places last, the
    others over them are the reserve, and the rest, with those barred, declined."""
    decided: dict[int, BoardDecision] = {}
    for standing in sorted(standings, key=lambda one: one.rank):
        if not standing.over_thresholds or standing.id in barred:
            decided[standing.id] = BoardDecision.DECLINED
        elif list(decided.values()).count(BoardDecision.SHORTLISTED) < places:
            decided[standing.id] = BoardDecision.SHORTLISTED
        else:
            decided[standing.id] = BoardDecision.RESERVE
    return decided


def lot_seed(candidates: Collection[Candidate]) -> str:
    """What the lot is drawn from: SHA-256 over all scores, which are blind until all are in."""
    board = {
        str(one.id): {name: sorted(values) for name, values in one.scores.items()}
        for one in candidates
    }
    text = json.dumps(board, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def lot(seed: str, id: int) -> str:
    """A candidate's lot: the lowest is drawn first. Anybody can draw it again from the seed."""
    return hashlib.sha256(f"{seed}:{id}".encode()).hexdigest()


def _means(candidate: Candidate) -> dict[str, Fraction]:
    return {name: Fraction(sum(got), len(got)) for name, got in candidate.scores.items()}


TieKey = tuple[Fraction, Fraction, tuple[bool, int], str]
"""One entry for each TieRule, in its order: the lower goes first."""


def _tie_key(means: Mapping[str, Fraction], cost: int | None, lot: str) -> TieKey:
    nothing = Fraction(0)
    dearness = (cost is None, cost or 0)
    return -means.get(EVIDENCE, nothing), -means.get(VALUE, nothing), dearness, lot


def _tie_rules(tied: Sequence[tuple[int, TieKey]]) -> dict[int, TieRule]:
    """For each of several equal totals, the rule that parts it from the one before it; for the
    first, from the one after."""
    if len(tied) < 2:
        return {}
    parted = [_first_difference(a[1], b[1]) for a, b in pairwise(tied)]
    return {id: rule for (id, _), rule in zip(tied, [parted[0], *parted], strict=True)}


def _first_difference(a: TieKey, b: TieKey) -> TieRule:
    return next(rule for rule, one, other in zip(TieRule, a, b, strict=True) if one != other)
