"""Results overdue beyond the grace, which keep the force from new pilots with their suppliers."""

from typing import Any

from sqlalchemy import Integer, Select, cast, literal_column, true
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.market.catalogue.models import Technology
from innohub.market.constants import said
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources.evidence import best_of_technology, label
from innohub.market.decisions.sources.of_pilots import in_words, line_of, money_of
from innohub.market.decisions.sources.shape import Act, Given, Source, shaped
from innohub.market.pilots import service as pilots
from innohub.market.pilots.commands import ExplainOverdue
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.register import GRACE, due_on, unreported

KIND, NUMBER, SECTION = DecisionKind.EXPLAIN_OVERDUE, 5, DecisionSection.RISK


def waiting() -> Select[Any]:
    pilot, technology, supplier = aliased(Pilot), aliased(Technology), aliased(Organisation)
    result, due = best_of_technology(pilot), due_on(pilot)
    grace = cast(literal_column(str(GRACE.days)), Integer)
    select: Select[Any] = (
        shaped(
            KIND, NUMBER, SECTION, pilot.id,
            force_id=pilot.force_id, pilot_id=pilot.id, revision=pilot.revision,
            line=line_of(pilot, technology),
            ask=said("Its result was due on ") + in_words(due)
            + said(". Have it reported, or explain in public why it is late."),
            if_silent=said("It is called unreported in the public register, and your force begins "
                           "nothing new with ") + supplier.name + said("."),
            due_on=due + grace, money_pence=money_of(pilot),
            verdict=result.c.verdict, grade=result.c.grade,
            evidence=label(result, none="No published result of this technology yet"),
        )
        .select_from(pilot)
        .join(technology, technology.id == pilot.technology_id)
        .join(supplier, supplier.id == pilot.supplier_id)
        .outerjoin(result, true())
        .where(pilot.overdue_explained_at.is_(None), unreported(pilot))
    )  # fmt: skip
    return select


async def approve(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = ExplainOverdue(pilot_id=row.pilot_id, revision=given.revision, reason=given.reason)
    return await pilots.explain_overdue(work, actor, command)


SOURCE = Source(
    KIND,
    NUMBER,
    SECTION,
    Permission.PILOT_APPROVE,
    waiting,
    Act(approve, "Explain in public"),
    # Not to explain is to do nothing.
    None,
)
