"""Whether what was counted before the technology is the baseline that the protocol registered."""

from collections.abc import Iterator

from innohub.errors import Invalid
from innohub.market.evidence.computation import Basis, assumptions_of
from innohub.market.evidence.disclosure import has_small_count
from innohub.market.evidence.estimators.design import TREATED_BEFORE
from innohub.market.evidence.estimators.engine import level
from innohub.market.evidence.estimators.supplied import Supplied
from innohub.market.evidence.estimators.trial import CountRate
from innohub.market.evidence.finding import per_exposure, shown


def baseline_departures(given: Basis) -> Iterator[str]:
    """One sentence where the registered baseline lies outside the 95% interval of what the sites
    with the technology counted before it; none where nothing was counted then.

    The interval takes the registered overdispersion or design effect along, as the effect's does.
    Of a group under 5 the figures are not told.
    """
    data, plan = given.data, given.plan
    if isinstance(data, Supplied) or TREATED_BEFORE not in data.cells:
        return
    cell = data.cells[TREATED_BEFORE]
    per = per_exposure(plan["unit"]) if isinstance(cell, CountRate) else 1.0
    try:
        counted = level(cell, assumptions_of(plan))
    except Invalid:
        # Too few to say how sure they are, where the effect does not hang on them.
        return
    registered = plan["baseline_value"]
    if counted.lower * per <= registered <= counted.upper * per:
        return
    planned = shown(registered, plan)
    if has_small_count(data):
        yield f"The baseline that was counted is not the {planned} that was registered."
        return
    value, lower, upper = (
        shown(end * per, plan) for end in (counted.value, counted.lower, counted.upper)
    )
    interval = f"95% interval {lower} to {upper}"
    yield f"The baseline was {value} ({interval}), not {planned} as registered."
