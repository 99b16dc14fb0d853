"""What the trials of a technology say together, and each trial's part in it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from innohub.graphql.read.declare import (
    Connection,
    Follows,
    Node,
    column,
    many,
    node,
    one,
    where,
)
from innohub.graphql.types.catalogue import OF_TECHNOLOGY, Technology
from innohub.graphql.types.evidence import Result
from innohub.graphql.types.reference import label_of
from innohub.market.evidence import models as rows
from innohub.market.evidence import policy
from innohub.market.evidence.models import Verdict

if TYPE_CHECKING:
    from innohub.graphql.types.challenges import Challenge


@node(
    rows.PooledTrial,
    policy.pooled_visible,
    name="PooledTrial",
    follows=Follows(rows.PooledEffect, "pooled_effect_id"),
)
class PooledTrial(Node):
    """One trial in a pooled effect, on its scale; or left out of it, for a reason."""

    role: str = column(
        rows.PooledTrial.role, "What the KPI was in the trial: primary, secondary or safety_harm."
    )
    grade: int = column(rows.PooledTrial.grade, "Maryland scale, of the KPI's own design.")
    analyst_supplied: bool = column(
        rows.PooledTrial.analyst_supplied,
        "Whether the analysts estimated that effect, and not the hub.",
    )
    place: int = column(rows.PooledTrial.place, "The strongest first, what is left out last.")
    weight: float | None = column(
        rows.PooledTrial.weight, "Its share of the pooled effect, 0 to 1."
    )
    effect: float | None = column(rows.PooledTrial.effect)
    lower: float | None = column(rows.PooledTrial.lower)
    upper: float | None = column(rows.PooledTrial.upper)
    effect_without: float | None = column(
        rows.PooledTrial.effect_without, "The pooled effect of all the others."
    )
    lower_without: float | None = column(rows.PooledTrial.lower_without)
    upper_without: float | None = column(rows.PooledTrial.upper_without)
    excluded_because: str | None = column(rows.PooledTrial.excluded_because)
    result: Result | None = one(lambda row, result: result.id == row.result_id)


@node(rows.PooledEffect, policy.pooled_visible, name="PooledEffect", follows=OF_TECHNOLOGY)
class PooledEffect(Node):
    """The effect of a technology on one indicator over all its trials, or of whatever was piloted
    for a challenge over all its pilots: random effects by REML.

    Made anew with every published result. `models` has the other models beside it.
    """

    kpi: str = column(rows.PooledEffect.kpi)
    kpi_label: str = column(lambda row: label_of("kpi", row.kpi))
    grade_at_least: int = column(
        rows.PooledEffect.grade_at_least, "Trials of this Maryland grade and above: 1, 3 or 4."
    )
    independent_only: bool = column(
        rows.PooledEffect.independent_only,
        "Only trials whose effect neither the force nor the supplier measured.",
    )
    scale: str = column(
        rows.PooledEffect.scale, "risk_ratio, rate_ratio, mean_difference or hedges_g."
    )
    direction: str = column(rows.PooledEffect.direction)
    unit: str = column(rows.PooledEffect.unit)
    trial_count: int = column(rows.PooledEffect.trial_count, "Trials pooled, one for each place.")
    independent_count: int = column(rows.PooledEffect.independent_count)
    best_grade: int = column(rows.PooledEffect.best_grade)
    effect: float = column(rows.PooledEffect.effect)
    lower: float = column(
        rows.PooledEffect.lower,
        "Lower end of the 95% interval to read: Hartung and Knapp's with fewer than ten trials.",
    )
    upper: float = column(rows.PooledEffect.upper)
    p_value: float = column(rows.PooledEffect.p_value)
    prediction_lower: float | None = column(
        rows.PooledEffect.prediction_lower,
        "Where the effect at one further site is expected, 95 times in 100; from three trials on.",
    )
    prediction_upper: float | None = column(rows.PooledEffect.prediction_upper)
    q: float | None = column(rows.PooledEffect.q, "Cochran's.")
    q_p_value: float | None = column(rows.PooledEffect.q_p_value)
    i_squared: float | None = column(
        rows.PooledEffect.i_squared, "Share of the differences that is more than chance, 0 to 1."
    )
    tau_squared: float | None = column(
        rows.PooledEffect.tau_squared, "Variance between sites; of logarithms for ratios."
    )
    minimum_important_effect: float | None = column(
        rows.PooledEffect.minimum_important_effect, "The largest that the trials registered."
    )
    verdict: Verdict = column(rows.PooledEffect.verdict, "The technology's label on the indicator.")
    because: str = column(rows.PooledEffect.because, "The rule that gave the verdict.")
    models: JSON = column(
        rows.PooledEffect.models,
        "Fixed effect, DerSimonian-Laird, Paule-Mandel and REML: effect, intervals, tau squared.",
    )
    pooled_at: datetime = column(rows.PooledEffect.pooled_at)
    trials: list[PooledTrial] = many(
        lambda row, trial: trial.pooled_effect_id == row.id,
        lambda trial: [trial.place],
        "All that it is made of, however many: a page of them would say nothing.",
    )
    technology: Technology | None = one(
        lambda row, other: other.id == row.technology_id, "Null where it is a challenge's."
    )
    challenge: (
        Annotated["Challenge", strawberry.lazy("innohub.graphql.types.challenges")] | None
    ) = one(lambda row, other: other.id == row.challenge_id)


@strawberry.input
class PooledEffectFilter:
    kpi: str | None = where(lambda row, value: row.kpi == value)
    grade_at_least: int | None = where(
        lambda row, value: row.grade_at_least == value, "The view of trials from 1, 3 or 4 on."
    )
    independent_only: bool | None = where(lambda row, value: row.independent_only == value)


PooledEffectConnection = Connection[PooledEffect]
