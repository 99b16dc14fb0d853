"""What may leave the hub of a trial's counts: none under 5, and the others to the nearest 5.

`outbox.disclosure` sees to each count by itself. Where one is withheld, the others of its kind are
too: from them and the published effect it could be worked out again.
"""

from collections.abc import Sequence
from typing import Any

from innohub.market.evidence.estimators.result import Measure, Moment
from innohub.market.evidence.estimators.trial import Cell, CountRate, Proportion, TrialData
from innohub.market.evidence.events import ArmCount
from innohub.outbox.disclosure import SMALLEST_COUNT, rounded


def has_small_count(data: TrialData) -> bool:
    """Whether any group had fewer than 5 with the outcome, without it, or at all."""
    cells = [*data.cells.values(), *(point.cell for point in data.points)]
    return any(count < SMALLEST_COUNT for cell in cells for count in _counts(cell))


def counts(data: TrialData) -> list[ArmCount]:
    """The counts of each arm and period; None where withheld."""
    withheld = has_small_count(data)
    return [
        ArmCount(arm=str(arm), period=str(period), **_outgoing(cell, withheld))
        for (arm, period), cell in data.cells.items()
    ]


def series(data: TrialData, moments: Sequence[Moment], per: float) -> list[dict[str, Any]] | None:
    """A series ready for JSON, `per` so many units of exposure.

    Where a stretch counted fewer than 5, no stretch shows what was counted: with the fitted line it
    could be worked out. Nothing is left of a series with a comparison, whose lines follow the
    comparison's counts: then None.
    """
    withheld = has_small_count(data)
    if not moments or (withheld and moments[0].comparison is not None):
        return None
    return [
        {
            "on": moment.on.isoformat(),
            "period": str(moment.period),
            "observed": None if withheld else moment.observed * per,
            "comparison": None if moment.comparison is None else moment.comparison * per,
            "fitted": moment.fitted * per,
            "counterfactual": moment.counterfactual * per,
        }
        for moment in moments
    ]


def finding_without_groups(kpi: str, effect: Measure) -> str:
    """The finding in place of the one that tells the groups' own figures."""
    name = effect.name.replace("_", " ")
    return (
        f"{kpi}: the {name} was {effect.value:.3g} "
        f"(95% interval {effect.lower:.3g} to {effect.upper:.3g}). "
        "The figures of each group are withheld, because one of them counts fewer than 5."
    )


def _counts(cell: Cell) -> tuple[int, ...]:
    if isinstance(cell, Proportion):
        return cell.events, cell.n - cell.events
    return (cell.events,) if isinstance(cell, CountRate) else (cell.n,)


def _outgoing(cell: Cell, withheld: bool) -> dict[str, Any]:
    if isinstance(cell, Proportion):
        return {"events": None if withheld else rounded(cell.events), "n": rounded(cell.n)}
    if isinstance(cell, CountRate):
        return {"events": None if withheld else rounded(cell.events), "exposure": cell.exposure}
    return {"n": None if withheld else rounded(cell.n)}
