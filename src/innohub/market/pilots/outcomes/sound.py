"""Whether a further KPI can be measured, compared and limited as it is to be registered."""

from collections.abc import Iterator

from innohub.errors import Invalid, Problem
from innohub.market.pilots.kpis import Kpi
from innohub.market.pilots.outcomes.commands import AddOutcome
from innohub.market.pilots.outcomes.models import Aim, OutcomeRole
from innohub.market.pilots.protocols import COMPUTED_DESIGNS, SUPPLIED_DESIGNS


def refuse_unsound(command: AddOutcome, kpi: Kpi, primary: str, design: str) -> None:
    """Raise Invalid with every problem. `primary` is the pilot's own KPI, `design` the one by which
    this is compared."""
    problems = [
        *_of_whom(command, kpi, primary),
        *_by_what(command, kpi, design),
        *_how_much(command, kpi),
        *_limits(command, kpi),
    ]
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)


def _of_whom(command: AddOutcome, kpi: Kpi, primary: str) -> Iterator[Problem]:
    equality = command.role is OutcomeRole.EQUALITY
    if equality and command.population is None:
        yield Problem("Say whom it is measured for, such as “women”.", "population")
    if not equality and command.population is not None:
        yield Problem("Only an equality KPI is measured for one group of people.", "population")
    if not equality and kpi.id == primary:
        yield Problem("This is the primary KPI: register it once.", "kpi")


def _by_what(command: AddOutcome, kpi: Kpi, design: str) -> Iterator[Problem]:
    limited = command.limit_low is not None or command.limit_high is not None
    if design not in (*COMPUTED_DESIGNS, *SUPPLIED_DESIGNS):
        yield Problem(f"Choose a design: {_named(*COMPUTED_DESIGNS, *SUPPLIED_DESIGNS)}.", "design")
    elif limited and design in SUPPLIED_DESIGNS:
        # An estimate of an effect does not say where the KPI stands.
        yield Problem(
            "Whether a stop rule is broken takes the KPI's own figures: choose a design whose "
            f"effect the hub computes: {_named(*COMPUTED_DESIGNS)}.",
            "design",
        )
    # As of the primary KPI: a rate may be told for the pilot's own exposure.
    if kpi.type != "count_rate" and command.unit not in (None, kpi.unit):
        yield Problem(f"The unit of this KPI is “{kpi.unit}”.", "unit")


def _named(*designs: str) -> str:
    return ", ".join(name.replace("_", " ") for name in designs)


def _how_much(command: AddOutcome, kpi: Kpi) -> Iterator[Problem]:
    minimum = command.minimum_important_effect
    if minimum is None:
        return
    if kpi.direction == Aim.TARGET_BAND:
        message = "Within a target band, no change is the better for its size: leave it out."
        yield Problem(message, "minimum_important_effect")
    most = {
        "proportion": 1.0,
        "count_rate": 0.999999 if kpi.direction == Aim.LOWER_IS_BETTER else 1e6,
    }.get(kpi.type)
    if most is not None and minimum > most:
        message = "The smallest change worth having is more than can happen."
        yield Problem(message, "minimum_important_effect")


def _limits(command: AddOutcome, kpi: Kpi) -> Iterator[Problem]:
    low, high = command.limit_low, command.limit_high
    given = [
        name for name, value in (("limit_low", low), ("limit_high", high)) if value is not None
    ]
    if command.role is OutcomeRole.SECONDARY and given:
        yield Problem("Only safety and equality KPIs have a limit.", given[0])
        return
    watched = command.role is OutcomeRole.SAFETY_HARM
    band = kpi.direction == Aim.TARGET_BAND
    if band and len(given) == 1:
        missing = "limit_high" if given == ["limit_low"] else "limit_low"
        yield Problem("A target band has two limits.", missing)
    elif watched and not given:
        name = "limit_low" if kpi.direction == Aim.HIGHER_IS_BETTER else "limit_high"
        yield Problem("A safety KPI needs the value at which it breaks its stop rule.", name)
    if low is not None and high is not None and low >= high:
        yield Problem("The upper limit must be above the lower one.", "limit_high")
    for name in given:
        value = getattr(command, name)
        if kpi.type == "proportion" and not 0 <= value <= 1:
            yield Problem("The limit of a share is from 0 to 1: 0.05 is 5%.", name)
        if kpi.type == "count_rate" and value < 0:
            yield Problem("A rate cannot be negative.", name)
