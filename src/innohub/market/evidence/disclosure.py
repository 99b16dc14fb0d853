"""What may leave the hub: no count under 5, and the others to the nearest 5.

Vocabulary, `disclosure_control`. Where one count is withheld, the others of its kind are too: from
them and the published effect it could be worked out again.
"""

from typing import Any

from innohub.market.evidence.estimators.result import Measure
from innohub.market.evidence.estimators.trial import Cell, CountRate, Proportion, TrialData

SMALLEST_COUNT = 5
NEAREST = 5


def has_small_count(data: TrialData) -> bool:
    """Whether any group had fewer than 5 with the outcome, without it, or at all."""
    return any(count < SMALLEST_COUNT for cell in data.cells.values() for count in _counts(cell))


def rounded(count: int) -> int | None:
    """To the nearest 5; None for a count under 5."""
    return None if count < SMALLEST_COUNT else (count + NEAREST // 2) // NEAREST * NEAREST


def counts(data: TrialData) -> list[dict[str, Any]]:
    """The counts of each arm and period, ready for JSON; `events` is None where withheld."""
    withheld = has_small_count(data)
    return [
        {"arm": str(arm), "period": str(period)} | _outgoing(cell, withheld)
        for (arm, period), cell in data.cells.items()
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
