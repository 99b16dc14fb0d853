"""Reviewers and suppliers: whoever has an interest in one says so, and reviews none of its
listings."""

from sqlalchemy import exists, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.catalogue.commands import DeclareSupplierInterest
from innohub.market.catalogue.models import SupplierInterest, Technology
from innohub.outbox.service import record


async def declare_supplier_interest(
    work: UnitOfWork, actor: Actor, command: DeclareSupplierInterest
) -> SupplierInterest:
    """Declare that the reviewer has something to do with a supplier. It stands for good: what was
    declared is part of the record of every review.

    Raises Denied without `listing:review`, NotFound, Conflict where it was declared before.
    """
    actor.require(Permission.LISTING_REVIEW)
    supplier = await work.session.scalar(
        select(Organisation).where(
            Organisation.id == command.supplier_id,
            Organisation.kind == OrganisationKind.SUPPLIER,
        )
    )
    if supplier is None:
        raise NotFound("There is no such supplier.")
    if await _declared(work, actor, supplier.id):
        raise Conflict("You have declared an interest in this supplier already.")
    interest = SupplierInterest(
        person_id=actor.person_id,
        supplier_id=supplier.id,
        detail=command.reason,
        created_at=work.now,
    )
    work.session.add(interest)
    await record(
        work,
        "supplier_interest:declare",
        interest,
        detail={"supplier": supplier.slug},
        reason=command.reason,
    )
    return interest


async def none_declared(work: UnitOfWork, actor: Actor, technology: Technology) -> None:
    """Raise Denied for a reviewer who declared an interest in the listing's supplier."""
    if await _declared(work, actor, technology.supplier_id):
        raise Denied("You declared an interest in this supplier, so somebody else must review it.")


async def _declared(work: UnitOfWork, actor: Actor, supplier_id: int) -> bool:
    found = exists().where(
        SupplierInterest.person_id == actor.person_id, SupplierInterest.supplier_id == supplier_id
    )
    return bool(await work.session.scalar(select(found)))
