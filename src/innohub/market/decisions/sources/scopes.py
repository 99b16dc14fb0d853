"""Pilots whose scope, dates and costs wait for the force's approval."""

from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.models import ReferenceValue
from innohub.identity.permissions import Permission
from innohub.market.constants import said
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources.evidence import best_of_technology, label
from innohub.market.decisions.sources.of_pilots import in_words, money_of, on_turn
from innohub.market.decisions.sources.shape import Act, Given, Source
from innohub.market.london import today_in_london
from innohub.market.pilots import service as pilots
from innohub.market.pilots.commands import ApprovePilot, DeclinePilot
from innohub.market.pilots.models import TurnKind
from innohub.market.pilots.procurement import THRESHOLD

KIND, NUMBER, SECTION = DecisionKind.APPROVE_SCOPE, 1, DecisionSection.DECIDE


def waiting() -> Select[Any]:
    return on_turn(TurnKind.APPROVE_SCOPE, KIND, NUMBER, SECTION, best_of_technology, _said)


def _said(pilot: Any, lead: Any, result: Any) -> dict[str, Any]:
    ask = (
        said("Approve its scope: at ") + pilot.site + said(" from ") + in_words(pilot.start_on)
        + said(" to ") + in_words(pilot.end_on) + said(".") + _above(pilot)
    )  # fmt: skip
    return {
        "ask": ask,
        "if_silent": said("It does not begin, and lapses after 90 days without a step."),
        "evidence": label(result, none="No published result of this technology yet"),
    }


def _above(pilot: Any) -> Any:
    """That the pilot with its options reaches the procurement threshold of today."""
    value = aliased(ReferenceValue)
    threshold = (
        select(func.max(cast(value.detail.op("->>")(said("pence")), BigInteger)))
        .where(
            value.list == said("procurement_threshold"),
            value.id == said(THRESHOLD),
            value.valid_to.is_(None) | (value.valid_to >= today_in_london()),
        )
        .correlate_except(value)
        .scalar_subquery()
    )
    reaches = func.coalesce(money_of(pilot), literal_column("0")) >= threshold
    return case(
        (reaches, said(" With its options it reaches the procurement threshold.")), else_=said("")
    )


async def approve(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = ApprovePilot(pilot_id=row.pilot_id, revision=given.revision, reason=given.reason)
    return await pilots.approve(work, actor, command)


async def decline(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = DeclinePilot(pilot_id=row.pilot_id, revision=given.revision, reason=given.reason)
    return await pilots.decline(work, actor, command)


SOURCE = Source(
    KIND,
    NUMBER,
    SECTION,
    Permission.PILOT_APPROVE,
    waiting,
    Act(approve, "Approve the pilot"),
    Act(decline, "Decline the pilot"),
)
