"""The sample-size calculator."""

import asyncio

import strawberry

from innohub.graphql.inputs import command_of, input_of
from innohub.market.evidence import power


@strawberry.type(description="How large a trial is, and the chance that it finds the effect.")
class TrialSize:
    treatment: int = strawberry.field(description="Units; of exposure, for rates.")
    comparison: int
    total: int
    treatment_clusters: int | None = strawberry.field(
        description="Groups of the size that was given; null without clusters."
    )
    comparison_clusters: int | None
    power: float = strawberry.field(description="From 0 to 1.")
    expected: float = strawberry.field(
        description="The KPI in the treatment arm, where the effect is just what matters."
    )
    design_effect: float


async def sample_size(input: input_of(power.PlanTrial)) -> TrialSize:  # type: ignore[valid-type]
    """Nothing is read or stored. Off the event loop: it searches for a root."""
    found = await asyncio.to_thread(power.plan_trial, command_of(power.PlanTrial, input))
    return TrialSize(
        treatment=found.treatment,
        comparison=found.comparison,
        total=found.total,
        treatment_clusters=found.treatment_clusters,
        comparison_clusters=found.comparison_clusters,
        power=found.power,
        expected=found.expected,
        design_effect=found.design_effect,
    )
