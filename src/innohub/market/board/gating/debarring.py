"""Suppliers that are debarred: recorded by those who keep the list, in force by its dates."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.board.gating.commands import DebarSupplier, LiftDebarment
from innohub.market.board.gating.models import Debarment
from innohub.market.working_days import london_date
from innohub.outbox.service import record


async def debar_supplier(work: UnitOfWork, actor: Actor, command: DebarSupplier) -> Debarment:
    """Record a debarment; the company's commercial manager, its programme officer or a board's
    secretary does. Raises NotSignedIn, Denied, NotFound for an unknown supplier."""
    actor.require(Permission.SUPPLIER_DEBAR)
    supplier = await work.session.scalar(
        select(Organisation.id).where(
            Organisation.id == command.supplier_id, Organisation.kind == OrganisationKind.SUPPLIER
        )
    )
    if supplier is None:
        raise NotFound("This supplier does not exist.")
    debarment = Debarment(**command.model_dump(), created_at=work.now)
    work.session.add(debarment)
    detail = command.model_dump(exclude={"reason"})
    await record(work, "supplier:debar", debarment, detail=detail, reason=command.reason)
    return debarment


async def lift_debarment(work: UnitOfWork, actor: Actor, command: LiftDebarment) -> Debarment:
    """End a debarment before its time, with a reason; whoever may record one does.

    Raises NotSignedIn, Denied, NotFound, WrongState where it is over or lifted already.
    """
    actor.require(Permission.SUPPLIER_DEBAR)
    chosen = select(Debarment).where(Debarment.id == command.debarment_id).with_for_update()
    debarment = await work.session.scalar(chosen)
    if debarment is None:
        raise NotFound("This debarment does not exist.")
    over = debarment.until_on is not None and debarment.until_on < london_date(work.now)
    if over or debarment.lifted_at is not None:
        raise WrongState("This debarment is over already.")
    debarment.lifted_at, debarment.lifted_because = work.now, command.reason
    detail = {"supplier_id": debarment.supplier_id}
    await record(work, "supplier:lift_debarment", debarment, detail=detail, reason=command.reason)
    return debarment


def in_force(row: type[Debarment], today: date) -> ColumnElement[bool]:
    """Debarments that count on a day."""
    return and_(
        row.lifted_at.is_(None),
        row.from_on <= today,
        or_(row.until_on.is_(None), row.until_on >= today),
    )


async def debarred(work: UnitOfWork, supplier_ids: Collection[int]) -> dict[int, Debarment]:
    """Those of the suppliers that are debarred today, each with its newest debarment."""
    found = await work.session.scalars(
        select(Debarment)
        .where(Debarment.supplier_id.in_(supplier_ids), in_force(Debarment, london_date(work.now)))
        .order_by(Debarment.id)
    )
    return {one.supplier_id: one for one in found}
