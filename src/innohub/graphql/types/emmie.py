"""What a site of a pilot tells beside the effect."""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import case, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Node, Row, column, node
from innohub.graphql.types.people import name_of
from innohub.market.evidence import policy
from innohub.market.evidence.emmie import models as rows
from innohub.market.evidence.emmie.models import EmmieEffect
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.policy import step_visible

strawberry.enum(EmmieEffect)
QUALITY = "How good the evidence behind it is: 0 (no information) to 4 (very strong)."


@node(rows.EmmieRecord, policy.told_with_pilot, name="EmmieRecord")
class EmmieRecord(Node):
    """EMMIE of one site without its first letter, the effect, which stands with the pilot's
    result."""

    version: int = column(
        rows.EmmieRecord.version, "Send it back, as the revision, with a newer record."
    )
    mechanism: str | None = column(rows.EmmieRecord.mechanism, "How it works.")
    mechanism_quality: int = column(rows.EmmieRecord.mechanism_quality, QUALITY)
    moderators: str | None = column(rows.EmmieRecord.moderators, "Where and for whom.")
    moderators_quality: int = column(rows.EmmieRecord.moderators_quality, QUALITY)
    implementation: str | None = column(
        rows.EmmieRecord.implementation, "What supported or obstructed it."
    )
    implementation_quality: int = column(rows.EmmieRecord.implementation_quality, QUALITY)
    economics: str | None = column(rows.EmmieRecord.economics, "What it costs.")
    economics_quality: int = column(rows.EmmieRecord.economics_quality, QUALITY)
    reason: str | None = column(
        rows.EmmieRecord.reason, "Why the record before, which was public, was replaced."
    )
    recorded_at: datetime = column(rows.EmmieRecord.created_at)
    recorded_by: str | None = column(lambda row: name_of(row.recorded_by_id), shown=step_visible)


def newest_of(site: Row, record: Row) -> Any:
    """The newest record of the site."""
    return (record.site_id == site.id) & (record.version == _newest(site))


def earlier_of(site: Row, record: Row) -> Any:
    """All of the site's but the newest."""
    return (record.site_id == site.id) & (record.version < _newest(site))


def _newest(site: Row) -> Any:
    other = aliased(rows.EmmieRecord)
    return (
        select(func.max(other.version))
        .where(other.site_id == site.id)
        .correlate_except(other)
        .scalar_subquery()
    )


def effect_of(result: Row) -> Any:
    """EMMIE's first letter for one result, from its interval: it tells what the KPI did, whichever
    way is the better one. What is known for no change at all is the verdict's to say."""
    unclear = or_(*(result.verdict == _word(v) for v in UNCLEAR))
    ratio = func.right(result.scale, literal_column("5")) == _word("ratio")
    null = case((ratio, literal_column("1")), else_=literal_column("0"))
    return case(
        (unclear, _word(EmmieEffect.INSUFFICIENT)),
        (result.lower > null, _word(EmmieEffect.OVERALL_INCREASE)),
        (result.upper < null, _word(EmmieEffect.OVERALL_DECREASE)),
        (result.verdict == _word(Verdict.DIDNT_WORK), _word(EmmieEffect.OVERALL_NO_CHANGE)),
        else_=_word(EmmieEffect.INSUFFICIENT),
    )


UNCLEAR = (Verdict.NOT_ASSESSABLE, Verdict.STOPPED_EARLY)


def _word(value: str) -> Any:
    return literal_column(f"'{value}'")
