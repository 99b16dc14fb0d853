"""How much true effects vary between sites: tau squared, by three estimators.

All take effects and their sampling variances (arrays of k >= 2 finite numbers, variances above 0)
and give a variance on the square of the effects' scale, never below 0.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

ITERATIONS = 1_000


class Between(StrEnum):
    DERSIMONIAN_LAIRD = "dersimonian_laird"
    PAULE_MANDEL = "paule_mandel"
    REML = "reml"


SOURCES: dict[Between, str] = {
    Between.DERSIMONIAN_LAIRD: "DerSimonian and Laird 1986, Control Clin Trials 7:177-188",
    Between.PAULE_MANDEL: "Paule and Mandel 1982, J Res Natl Bur Stand 87:377-385",
    Between.REML: "Viechtbauer 2005, J Educ Behav Stat 30:261-293",
}


def tau_squared(method: Between, effects: Numbers, variances: Numbers) -> float:
    """The variance between the sites' true effects."""
    estimate: Callable[[Numbers, Numbers], float] = {
        Between.DERSIMONIAN_LAIRD: _dersimonian_laird,
        Between.PAULE_MANDEL: _paule_mandel,
        Between.REML: _reml,
    }[method]
    return estimate(effects, variances)


def weighted_mean(effects: Numbers, weights: Numbers) -> float:
    return float(weights @ effects / weights.sum())


def _dersimonian_laird(effects: Numbers, variances: Numbers) -> float:
    from statsmodels.stats.meta_analysis import combine_effects

    # statsmodels leaves it negative where sites differ less than chance would have them, and goes
    # on to take a root of that, and to divide by how much they differ.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return max(0.0, float(combine_effects(effects, variances, method_re="dl").tau2))


def _paule_mandel(effects: Numbers, variances: Numbers) -> float:
    """The tau squared at which the weighted squares around the mean are what chance gives, k - 1.

    Solved by bracketing: the iteration of statsmodels starts at 0 and may give up on the way.
    """

    def excess(tau2: float) -> float:
        weights = 1 / (variances + tau2)
        return float(weights @ (effects - weighted_mean(effects, weights)) ** 2) - len(effects) + 1

    return _root(excess, float(np.var(effects)))


def _reml(effects: Numbers, variances: Numbers) -> float:
    """Where the restricted likelihood is highest: its derivative's root, or 0."""

    def slope(tau2: float) -> float:
        weights = 1 / (variances + tau2)
        around = (effects - weighted_mean(effects, weights)) ** 2
        squares = weights**2
        return float(squares @ around - weights.sum() + squares.sum() / weights.sum())

    return _root(slope, float(np.var(effects)))


def _root(falling: Callable[[float], float], guess: float) -> float:
    """Where the function, positive at first, falls through 0; 0 where it is not positive there."""
    from scipy.optimize import brentq

    if falling(0.0) <= 0:
        return 0.0
    above = max(guess, np.finfo(float).tiny)
    for _ in range(ITERATIONS):
        if falling(above) < 0:
            break
        above *= 2
    return float(brentq(falling, 0.0, above, xtol=1e-14 * above, rtol=1e-12, maxiter=ITERATIONS))
