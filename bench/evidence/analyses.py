"""Analyses a second, from stored figures to every column of a result, beside bare library calls.

The share says what part of an analysis is spent in statsmodels and scipy: the same calls, with the
same numbers, in interleaved rounds.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from found import Found
from scipy.stats import norm, t
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.meta_analysis import effectsize_smd
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from statsmodels.stats.rates import confint_poisson_2indep, test_poisson_2indep
from statsmodels.stats.stattools import durbin_watson
from statsmodels.tsa.stattools import acf

from innohub.market.evidence.computation import Basis, compute, read_back
from innohub.market.evidence.models import TrialDataset

SECONDS = 0.4
"""For each turn of each variant."""
MONTHS, BEFORE, LAGS = 36, 18, 3


@dataclass(frozen=True)
class Analysis:
    """A kind of trial: its plan, its stored figures, and the library calls that answer it."""

    name: str
    plan: dict[str, Any]
    cells: list[dict[str, Any]]
    library: Callable[[], object]

    def whole(self) -> object:
        datasets = [TrialDataset(cells=self.cells)]
        return compute(Basis(self.plan, read_back(datasets, self.plan), "Indicator", None))


def measure(given: argparse.Namespace, data: Path) -> Found:
    """Prints a line for each kind; the ratio is the median share of the kinds."""
    shares = []
    print(f"{'analysis':12} {'a second':>9} {'library alone':>14} {'share in libraries':>19}")
    for analysis in _kinds():
        rounds = [_round(analysis) for _ in range(given.rounds)]
        whole, alone = (median(turn[place] for turn in rounds) for place in range(2))
        share = median(turn[0] / turn[1] for turn in rounds)
        shares.append(share)
        print(f"{analysis.name:12} {whole:9,.0f} {alone:14,.0f} {share:19.0%}")
    return Found({"analyses_share_in_libraries": round(median(shares), 3)})


def _round(analysis: Analysis) -> tuple[float, float]:
    """Analyses a second, whole and by the library alone."""
    return _rate(analysis.whole), _rate(analysis.library)


def _rate(work: Callable[[], object]) -> float:
    work()
    done, started = 0, time.perf_counter()
    while (taken := time.perf_counter() - started) < SECONDS:
        work()
        done += 1
    return done / taken


def _kinds() -> list[Analysis]:
    return [_shares(), _rates(), _means(), _series()]


def _plan(kpi_type: str, design: str, unit: str) -> dict[str, Any]:
    return {
        "kpi_type": kpi_type, "design": design, "direction": "lower_is_better", "unit": unit,
        "minimum_important_effect": 0.05, "sample_size": 100,
    }  # fmt: skip


def _groups(treated: dict[str, Any], compared: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"arm": "treatment", "period": "after", **treated},
        {"arm": "comparison", "period": "after", **compared},
    ]


def _shares() -> Analysis:
    def library() -> None:
        confint_proportions_2indep(412, 6120, 604, 6095, method="newcomb", compare="diff")
        proportions_ztest([412, 604], [6120, 6095])
        for method, compare in (("log", "ratio"), ("logit", "odds-ratio")):
            confint_proportions_2indep(412, 6120, 604, 6095, method=method, compare=compare)

    cells = _groups({"events": 412, "n": 6120}, {"events": 604, "n": 6095})
    return Analysis("shares", _plan("proportion", "individual_rct", "percent"), cells, library)


def _rates() -> Analysis:
    def library() -> None:
        confint_poisson_2indep(80, 489, 170, 499, method="wald-log", compare="ratio")
        test_poisson_2indep(80, 489, 170, 499, method="wald-log", compare="ratio")
        confint_poisson_2indep(80, 489, 170, 499, method="mover", compare="diff")

    cells = _groups({"events": 80, "exposure": 489.0}, {"events": 170, "exposure": 499.0})
    return Analysis("rates", _plan("count_rate", "individual_rct", "per shift"), cells, library)


def _means() -> Analysis:
    def library() -> None:
        error = (2.9**2 / 210 + 2.7**2 / 198) ** 0.5
        t.interval(0.95, 405.0, loc=-1.3, scale=error)
        t.sf(1.3 / error, 405.0)
        effectsize_smd(5.1, 2.7, 198, 6.4, 2.9, 210)
        norm.isf(0.025)

    cells = _groups({"mean": 5.1, "sd": 2.7, "n": 198}, {"mean": 6.4, "sd": 2.9, "n": 210})
    return Analysis("means", _plan("mean", "individual_rct", "hours"), cells, library)


def _series() -> Analysis:
    chance = random.Random(7)
    counts = [chance.randint(45, 60) - (12 if m >= BEFORE else 0) for m in range(MONTHS)]
    cells = [
        {
            "arm": "treatment", "period": "after" if month >= BEFORE else "before",
            "on": f"{2023 + month // 12}-{month % 12 + 1:02d}-01", "events": count,
            "exposure": 1000.0,
        }
        for month, count in enumerate(counts)
    ]  # fmt: skip
    values, time_, post = np.log(np.array(counts) / 1000), np.arange(MONTHS), np.zeros(MONTHS)
    post[BEFORE:] = 1
    design = np.column_stack([np.ones(MONTHS), time_, post, post * (time_ - BEFORE)])
    weights = [[0, 0, 1, 8.5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]

    def library() -> None:
        fit = OLS(values, design).fit(
            cov_type="HAC", cov_kwds={"maxlags": LAGS, "use_correction": True}, use_t=True
        )
        for asked in weights:
            fit.t_test(np.array(asked)).conf_int()
        durbin_watson(fit.resid)
        acf(fit.resid, nlags=12, fft=False)

    plan = _plan("count_rate", "interrupted_time_series_no_control", "per 1000 shifts")
    return Analysis("series", plan, cells, library)
