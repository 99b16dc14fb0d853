"""Where decisions come from: one module for each, which says what waits in its capability and by
which of its commands it is approved or declined. A further one is added here and nowhere else."""

from innohub.market.decisions.models import DecisionKind
from innohub.market.decisions.sources import (
    budgets,
    cosponsoring,
    joinings,
    overdue_results,
    paused_pilots,
    results,
    savings,
    scopes,
)
from innohub.market.decisions.sources.shape import Source

SOURCES: dict[DecisionKind, Source] = {
    source.kind: source
    for source in (
        scopes.SOURCE,
        joinings.SOURCE,
        results.SOURCE,
        paused_pilots.SOURCE,
        overdue_results.SOURCE,
        cosponsoring.SOURCE,
        savings.SOURCE,
        budgets.SOURCE,
    )
}
assert len({source.number for source in SOURCES.values()}) == len(SOURCES)
