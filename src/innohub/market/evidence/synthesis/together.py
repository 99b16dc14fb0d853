"""What the trials of one technology say together of one indicator, and what they are called for it.

The rules are the vocabulary's, `meta_analysis` and `technology_level_label`: one indicator, one
effect for each place, nothing that compares with nothing, what is left out is named with its
reason, and "worked" only for two strong trials that agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from innohub.market.evidence.estimators.result import Favourable
from innohub.market.evidence.synthesis.between import Between
from innohub.market.evidence.synthesis.pooling import Interval, Pooled, Study, leave_one_out, pool
from innohub.market.evidence.synthesis.scale import (
    CommonScale,
    Placed,
    Trial,
    Unplaced,
    common_scale,
    placed,
    shown,
)
from innohub.market.evidence.verdict import Decision, Verdict, decide

STRONG = 3
"""The Maryland grade from which on a trial compares with a group of its own."""
STRONG_TRIALS = 2
MODELS: tuple[Between | None, ...] = (None, *Between)


@dataclass(frozen=True)
class View:
    """Which trials are looked at together."""

    grade_at_least: int = 1
    independent_only: bool = False


VIEWS = tuple(View(grade, only) for grade in (1, STRONG, 4) for only in (False, True))


@dataclass(frozen=True)
class Excluded:
    trial: Trial
    because: str


@dataclass(frozen=True)
class Together:
    """The pooled effect and all that is said beside it; effects are favourable positive, ratios as
    logarithms. `pooled` is the random-effects model by REML, `models` are all, that one included.
    `without` has, for each of `trials`, the pooled effect of the others.
    """

    view: View
    scale: CommonScale
    trials: tuple[Placed, ...]
    excluded: tuple[Excluded, ...]
    pooled: Pooled
    models: tuple[Pooled, ...]
    without: tuple[Pooled | None, ...]
    minimum: float | None
    """The largest of the registered minimum important effects: the most that anybody asked for."""
    decision: Decision

    @property
    def direction(self) -> str:
        return self.trials[0].trial.direction

    def shown(self, value: float) -> float:
        """A value on the scale of pooling, on the one that people read."""
        return shown(value, self.scale, self.direction)

    def shown_interval(self, interval: Interval) -> tuple[float, float]:
        """The same of an interval, its lower end first."""
        lower, upper = sorted(self.shown(end) for end in interval)
        return lower, upper

    @property
    def best_grade(self) -> int:
        return max(one.trial.grade for one in self.trials)

    @property
    def independent(self) -> int:
        return sum(one.trial.independent for one in self.trials)


def together(trials: Sequence[Trial], view: View = VIEWS[0]) -> Together | None:
    """Pool what can be pooled; None where nothing can. The trials are of one indicator, the newest
    first. Raises Invalid for numbers too extreme for a finite answer."""
    kept, excluded = _looked_at(trials, view)
    if not kept:
        return None
    scale = common_scale(kept)
    stands, unplaced = _placed(kept, scale)
    if not stands:
        return None
    # Each with a name of its own: two places may be called alike.
    studies = [
        Study(str(number), one.effect, one.standard_error) for number, one in enumerate(stands)
    ]
    models = tuple(pool(studies, between) for between in MODELS)
    pooled = models[MODELS.index(Between.REML)]
    minima = [one.minimum for one in stands]
    minimum = max((m for m in minima if m is not None), default=None)
    rest = leave_one_out(studies)
    return Together(
        view=view,
        scale=scale,
        trials=tuple(stands),
        excluded=(*excluded, *unplaced),
        pooled=pooled,
        models=models,
        without=tuple(rest.get(study.name) for study in studies),
        minimum=minimum,
        decision=_decision(pooled, stands, minimum),
    )


def _looked_at(trials: Sequence[Trial], view: View) -> tuple[list[Trial], list[Excluded]]:
    kept: dict[object, Trial] = {}
    excluded = []
    for trial in sorted(trials, key=lambda one: -one.grade):
        because = _because(trial, view)
        if because is None and trial.place in kept:
            because = "Another trial in the same place is stronger, or newer."
        if because is None:
            kept[trial.place] = trial
        else:
            excluded.append(Excluded(trial, because))
    return list(kept.values()), excluded


def _because(trial: Trial, view: View) -> str | None:
    if trial.grade == 0:
        return "It compares with nothing."
    if trial.grade < view.grade_at_least:
        return f"Its grade is {trial.grade}: here are those of {view.grade_at_least} and above."
    if view.independent_only and not trial.independent:
        return "Who uses it, or sells it, measured the effect: here are independent trials."
    return None


def _placed(trials: Sequence[Trial], scale: CommonScale) -> tuple[list[Placed], list[Excluded]]:
    stands, excluded = [], []
    for trial in trials:
        try:
            stands.append(placed(trial, scale))
        except Unplaced as why:
            excluded.append(Excluded(trial, str(why)))
    return stands, excluded


def _decision(pooled: Pooled, trials: Sequence[Placed], minimum: float | None) -> Decision:
    effect = Favourable(pooled.effect, *pooled.interval)
    best = max(one.trial.grade for one in trials)
    found = decide(effect, minimum, best)
    strong = sum(one.trial.grade >= STRONG for one in trials)
    if found.verdict is Verdict.WORKED and strong < STRONG_TRIALS:
        because = (
            "The effect is as large as registered, and “no difference” lies outside its 95% "
            "interval, but that rests on one strong trial: a second has to find the same."
        )
        return Decision(Verdict.PROMISING, because, found.harm_signal)
    return found
