"""The evidence label of a decision: what is known, and how good the comparison was."""

from typing import Any

from sqlalchemy import Text, case, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from innohub.market.constants import said
from innohub.market.evidence.models import Result, Verdict
from innohub.market.pilots.models import Pilot

LABELS = {
    Verdict.WORKED: "Worked",
    Verdict.PROMISING: "Promising",
    Verdict.INCONCLUSIVE: "Inconclusive",
    Verdict.DIDNT_WORK: "Didn’t work",
    Verdict.HARMFUL: "Harmful",
    Verdict.NOT_ASSESSABLE: "Not assessable",
    Verdict.STOPPED_EARLY: "Stopped early",
    Verdict.OVERDUE_UNREPORTED: "Overdue, unreported",
}


def best_of_technology(pilot: Any) -> Any:
    """The published result of the pilot's technology with the best grade, the newest of several:
    a lateral subquery of at most one row."""
    result = aliased(Result)
    return _one(
        result,
        (result.technology_id == pilot.technology_id) & result.published_at.is_not(None),
        [result.grade.desc(), result.id.desc()],
        "best_of_technology",
    )


def of_pilot(pilot: Any) -> Any:
    """The pilot's own newest result, published or not: its force reads it before others."""
    result = aliased(Result)
    confirmed = (result.pilot_id == pilot.id) & result.confirmed_at.is_not(None)
    return _one(result, confirmed, [result.revision.desc()], "of_pilot")


def label(found: Any, *, none: str) -> Any:
    """ "Promising, evidence grade 3 of 5"; `none` where there is no result."""
    verdicts = case(*((found.c.verdict == said(v), said(t)) for v, t in LABELS.items()))
    grade = cast(found.c.grade, Text)
    whole = verdicts + said(", evidence grade ") + grade + said(" of 5")
    return func.coalesce(whole, said(none), type_=Text)


def on_kpi(kpi: Any) -> Any:
    """How much is published of an indicator, whichever technology was tried."""
    result, pilot = aliased(Result), aliased(Pilot)
    count = func.count(result.pilot_id.distinct())
    told = case(
        (count == literal_column("0"), said("No result on this indicator yet")),
        (count == literal_column("1"), said("1 published result on this indicator")),
        else_=cast(count, Text) + said(" published results on this indicator"),
    )
    best = func.coalesce(
        said(", the best of grade ") + cast(func.max(result.grade), Text) + said(" of 5"), said("")
    )
    return (
        select(told + best)
        .select_from(result)
        .join(pilot, pilot.id == result.pilot_id)
        .where(result.kpi == kpi, result.published_at.is_not(None))
        .correlate_except(result, pilot)
        .scalar_subquery()
    )


def _one(result: Any, on: Any, order: list[Any], name: str) -> Any:
    return (
        select(cast(result.verdict, Text).label("verdict"), result.grade.label("grade"))
        .where(on)
        .order_by(*order)
        .limit(literal_column("1"))
        .correlate_except(result)
        .lateral(name)
    )
