"""What the sources among pilots share: whose turn it is, and the pilot's facts as sentences."""

from typing import Any

from sqlalchemy import Select, Text, func, literal_column, true
from sqlalchemy.orm import aliased

from innohub.identity.models import Organisation, Role
from innohub.market.catalogue.models import Technology
from innohub.market.constants import said
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources.shape import shaped
from innohub.market.pilots.models import Pilot, PilotTurn, TurnKind

OWNER = Role.FORCE_SENIOR_RESPONSIBLE_OWNER


def in_words(day: Any) -> Any:
    """ "2 November 2026"."""
    return func.to_char(day, said("FMDD FMMonth YYYY"), type_=Text)


def money_of(pilot: Any) -> Any:
    """Pilot, options and VAT, which the threshold counts together; NULL until somebody said it."""
    zero: Any = literal_column("0")
    further = func.coalesce(pilot.options_pence, zero) + func.coalesce(pilot.vat_pence, zero)
    return pilot.cost_pence + further


def line_of(pilot: Any, technology: Any) -> Any:
    return said("“") + pilot.title + said("”, a pilot of ") + technology.name


def on_turn(
    turn: TurnKind,
    kind: DecisionKind,
    number: int,
    section: DecisionSection,
    evidence: Any,
    of: Any,
) -> Select[Any]:
    """Pilots whose owner has the turn `turn`. `evidence(pilot)` is a lateral result, `of` makes the
    columns that differ from pilot, technology, leading force and that result."""
    row, pilot, technology = aliased(PilotTurn), aliased(Pilot), aliased(Technology)
    lead, result = aliased(Organisation), evidence(pilot)
    columns = {
        "force_id": row.organisation_id,
        "pilot_id": pilot.id,
        "revision": pilot.revision,
        "line": line_of(pilot, technology),
        "due_on": row.due_on,
        "money_pence": money_of(pilot),
        "verdict": result.c.verdict,
        "grade": result.c.grade,
        **of(pilot, lead, result),
    }
    waiting: Select[Any] = (
        shaped(kind, number, section, row.id, **columns)
        .select_from(row)
        .join(pilot, pilot.id == row.pilot_id)
        .join(technology, technology.id == pilot.technology_id)
        .join(lead, lead.id == pilot.force_id)
        .outerjoin(result, true())
        .where(row.kind == said(turn), row.role == said(OWNER))
    )
    return waiting
