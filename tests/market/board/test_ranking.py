"""The arithmetic of a ranking: the same scores, the same order, whoever gave them."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.market.board.loading import candidates_of
from innohub.market.board.models import BoardDecision, Score
from innohub.market.board.ranking import (
    Candidate,
    Rules,
    TieRule,
    decisions,
    evidence_cap,
    flagged,
    lot,
    lot_seed,
    rank,
    total_of,
    variations,
)

CRITERIA = ("evidence_of_effect", "value_for_money", "operational_need", "scalability")
values = st.lists(st.integers(min_value=0, max_value=5), min_size=3, max_size=5)


@st.composite
def weights(draw: st.DrawFn) -> dict[str, int]:
    cuts = draw(st.lists(st.integers(1, 99), min_size=3, max_size=3, unique=True))
    edges = [0, *sorted(cuts), 100]
    return {name: edges[n + 1] - edges[n] for n, name in enumerate(CRITERIA)}


@st.composite
def rounds(draw: st.DrawFn) -> tuple[list[Candidate], Rules]:
    rules = Rules(
        weights=draw(weights()),
        threshold_total=draw(st.integers(0, 100)),
        threshold_any_criterion=draw(st.integers(0, 5)),
    )
    ids = draw(st.lists(st.integers(1, 10_000), min_size=1, max_size=8, unique=True))
    return [Candidate(id, {name: draw(values) for name in CRITERIA}) for id in ids], rules


def even(id: int, *means: int) -> Candidate:
    """A candidate to which everybody gave the same."""
    return Candidate(id, {name: [mean] * 3 for name, mean in zip(CRITERIA, means, strict=False)})


EQUAL = Rules(dict.fromkeys(CRITERIA, 25), threshold_total=60, threshold_any_criterion=2)


@pytest.mark.parametrize(
    ("grade", "cap"), [(None, 1), (0, 2), (1, 2), (2, 3), (3, 4), (4, 5), (5, 5)]
)
def test_the_cap_on_evidence_follows_the_best_grade(grade: int | None, cap: int) -> None:
    assert evidence_cap(grade) == cap


@given(rounds(), st.randoms(use_true_random=False))
def test_neither_the_order_of_items_nor_of_scores_matters(
    round: tuple[list[Candidate], Rules], random: Any
) -> None:
    candidates, rules = round
    shuffled = [
        Candidate(one.id, {name: random.sample(got, len(got)) for name, got in one.scores.items()})
        for one in random.sample(candidates, len(candidates))
    ]
    assert rank(candidates, rules) == rank(shuffled, rules)


@given(rounds())
def test_ranks_count_from_one_and_follow_the_totals(
    round: tuple[list[Candidate], Rules],
) -> None:
    standings = rank(*round)
    assert [one.rank for one in standings] == list(range(1, len(standings) + 1))
    assert {one.id for one in standings} == {one.id for one in round[0]}
    totals = [one.total for one in standings]
    assert totals == sorted(totals, reverse=True)
    assert all(0 <= total <= 100 for total in totals)


@given(rounds())
def test_a_total_is_the_weighted_mean_of_100(round: tuple[list[Candidate], Rules]) -> None:
    candidates, rules = round
    for one in candidates:
        parts = [rules.weights[n] * sum(got) / len(got) / 5 for n, got in one.scores.items()]
        assert float(total_of(one, rules.weights)) == pytest.approx(sum(parts))


@given(rounds(), st.sampled_from(CRITERIA), st.integers(0, 4))
def test_a_better_score_never_costs_a_place_but_in_the_lot(
    round: tuple[list[Candidate], Rules], criterion: str, by: int
) -> None:
    candidates, rules = round
    first = candidates[0]
    raised = [min(5, value + by) for value in first.scores[criterion]]
    better = Candidate(first.id, {**first.scores, criterion: raised})
    before = {one.id: one for one in rank(candidates, rules)}
    after = {one.id: one for one in rank([better, *candidates[1:]], rules)}
    if before[first.id].tie is not TieRule.RECORDED_LOT:
        assert after[first.id].rank <= before[first.id].rank


@given(rounds())
def test_equal_totals_are_parted_by_the_tie_rules_in_their_order(
    round: tuple[list[Candidate], Rules],
) -> None:
    candidates, rules = round
    seed = lot_seed(candidates)
    standings = rank(candidates, rules)
    for above, below in pairwise(standings):
        if above.total == below.total:
            assert above.tie is not None
            assert below.tie is not None
            evidence = [one.means["evidence_of_effect"] for one in (above, below)]
            value = [one.means["value_for_money"] for one in (above, below)]
            assert evidence[0] >= evidence[1]
            if evidence[0] == evidence[1]:
                assert value[0] >= value[1]
                if value[0] == value[1]:
                    assert lot(seed, above.id) < lot(seed, below.id)
                    assert below.tie is TieRule.RECORDED_LOT


@given(rounds(), st.integers(1, 5), st.sets(st.integers(0, 7)))
def test_decisions_respect_places_thresholds_and_bars(
    round: tuple[list[Candidate], Rules], places: int, barred_places: set[int]
) -> None:
    standings = rank(*round)
    barred = {one.id for place, one in enumerate(standings) if place in barred_places}
    decided = decisions(standings, places, barred)
    eligible = [one.id for one in standings if one.over_thresholds and one.id not in barred]
    assert [id for id in decided if decided[id] == BoardDecision.SHORTLISTED] == eligible[:places]
    assert [id for id in decided if decided[id] == BoardDecision.RESERVE] == eligible[places:]
    assert len(decided) == len(standings)


def test_ties_name_the_rule_that_parted_them() -> None:
    by_evidence = {one.id: one for one in rank([even(1, 3, 4, 4, 4), even(2, 4, 3, 4, 4)], EQUAL)}
    assert (by_evidence[2].rank, by_evidence[1].rank) == (1, 2)
    assert by_evidence[1].tie is by_evidence[2].tie is TieRule.HIGHER_EVIDENCE_OF_EFFECT
    by_value = {one.id: one for one in rank([even(1, 4, 3, 5, 4), even(2, 4, 4, 4, 4)], EQUAL)}
    assert (by_value[2].rank, by_value[1].rank) == (1, 2)
    assert by_value[1].tie is TieRule.HIGHER_VALUE_FOR_MONEY
    clear = rank([even(1, 4, 4, 4, 4), even(2, 3, 3, 3, 3)], EQUAL)
    assert [one.tie for one in clear] == [None, None]


def test_totals_that_differ_by_less_than_a_float_shows_are_no_tie() -> None:
    third = Candidate(1, {name: [3, 3, 4] for name in CRITERIA})
    assert total_of(third, EQUAL.weights) == Fraction(200, 3)


def test_a_candidate_on_the_threshold_is_over_it() -> None:
    (on,) = rank([even(1, 3, 3, 3, 3)], EQUAL)
    assert on.total == 60
    assert on.over_thresholds
    (weak,) = rank([even(1, 5, 5, 5, 1)], EQUAL)
    assert not weak.over_thresholds


@given(rounds(), st.permutations(range(101, 106)))
def test_who_gave_a_score_changes_nothing(
    round: tuple[list[Candidate], Rules], people: list[int]
) -> None:
    candidates, rules = round

    def stored(order: list[int]) -> list[Score]:
        return [
            Score(item_id=one.id, person_id=order[n], criterion=name, value=value, reason="")
            for one in candidates
            for name, got in one.scores.items()
            for n, value in enumerate(got)
        ]

    usual = rank(candidates_of(stored(list(range(101, 106)))), rules)
    assert rank(candidates_of(stored(people)), rules) == usual


@settings(max_examples=20)
@given(rounds())
def test_varied_weights_total_100_and_keep_the_lots(round: tuple[list[Candidate], Rules]) -> None:
    candidates, rules = round
    found = variations(candidates, rules)
    assert len(found) == 2 * len(CRITERIA)
    full = [Candidate(one.id, {name: [5] for name in CRITERIA}) for one in candidates]
    assert {s.total for one in variations(full, rules) for s in one.standings} == {100}
    drawn = [one.id for one in rank(full, rules, "seed")]
    for one in variations(full, rules, "seed"):
        assert [standing.id for standing in one.standings] == drawn


@settings(max_examples=20)
@given(rounds(), st.randoms(use_true_random=False))
def test_neither_do_the_variations_hang_on_the_order_of_items(
    round: tuple[list[Candidate], Rules], random: Any
) -> None:
    candidates, rules = round
    shuffled = random.sample(candidates, len(candidates))
    assert variations(candidates, rules) == variations(shuffled, rules)


def test_a_weight_that_decides_shows_in_the_variations() -> None:
    rules = Rules(dict(zip(CRITERIA, (40, 20, 20, 20), strict=True)), 60, 2)
    close = [even(1, 5, 2, 3, 3), even(2, 3, 4, 4, 4)]
    ranks = {
        (one.criterion, one.change_percent): [standing.id for standing in one.standings]
        for one in variations(close, rules)
    }
    assert [standing.id for standing in rank(close, rules)] == [1, 2]
    assert ranks["evidence_of_effect", -20] == [2, 1]
    assert ranks["evidence_of_effect", 20] == [1, 2]


@given(values)
def test_scores_two_apart_are_flagged_and_closer_ones_are_not(given: list[int]) -> None:
    assert flagged(given) == (max(given) - min(given) >= 2)


@given(rounds(), st.integers(0, 4))
def test_a_recused_members_identity_changes_no_other_score(
    round: tuple[list[Candidate], Rules], recused: int
) -> None:
    """Whoever of the five is the one that may not score the first item, its means come out the
    same: nothing but the scores that were given counts."""
    candidates, rules = round

    def stored(left_out: int) -> list[Score]:
        sitting = [n for n in range(5) if n != left_out]
        return [
            Score(item_id=one.id, person_id=sitting[n], criterion=name, value=value, reason="")
            for one in candidates
            for name, got in one.scores.items()
            for n, value in enumerate(got[:4])
        ]

    assert rank(candidates_of(stored(recused)), rules) == rank(candidates_of(stored(0)), rules)
