"""The assurance passport: suppliers declare items once, the market's officer verifies them once."""

from datetime import date
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.assurance import policy
from innohub.market.assurance.commands import DeclareItem, RejectItem, VerifyItem
from innohub.market.assurance.events import ItemVerified
from innohub.market.assurance.models import AssuranceItem
from innohub.market.assurance.models import AssuranceStatus as Status
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import SubmitTechnology
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.machine import Machine
from innohub.outbox.service import record

ITEM = Machine(
    "assurance item",
    [
        ("declare", {Status.REJECTED, Status.EXPIRED}, Status.DECLARED),
        ("verify", {Status.DECLARED, Status.EVIDENCE_UPLOADED}, Status.VERIFIED),
        (
            "reject",
            {Status.DECLARED, Status.EVIDENCE_UPLOADED, Status.VERIFIED},
            Status.REJECTED,
        ),
        ("expire", {Status.DECLARED, Status.EVIDENCE_UPLOADED, Status.VERIFIED}, Status.EXPIRED),
    ],
)
HELD = (Status.DECLARED, Status.EVIDENCE_UPLOADED, Status.VERIFIED)
OVER = (ListingState.WITHDRAWN, ListingState.ARCHIVED)


async def declare_item(work: UnitOfWork, actor: Actor, command: DeclareItem) -> AssuranceItem:
    """Declare an item of the actor's own technology; one rejected or expired may be declared anew.

    Raises NotFound, Denied without `assurance:write` at its supplier, WrongState where the listing
    is off the market, Invalid for an unknown type or wrong dates, Conflict where it stands already.
    """
    technology = await catalogue.visible_technology(work, actor, command.technology_id)
    actor.require(Permission.ASSURANCE_WRITE, technology.supplier_id)
    if technology.state in OVER:
        raise WrongState(f"This listing is {technology.state}: it takes no further assurance.")
    await _check(work, command)
    item = await work.session.scalar(
        select(AssuranceItem).where(
            AssuranceItem.technology_id == technology.id,
            AssuranceItem.type == command.type,
            AssuranceItem.reference == command.reference,
        )
    )
    if item is None:
        item = AssuranceItem(created_at=work.now, status=Status.DECLARED, **command.model_dump())
        work.session.add(item)
    elif item.status in HELD:
        raise Conflict("This item is declared already.", field="reference")
    else:
        item.status = ITEM.after("declare", item.status)
        item.issuer = command.issuer
        item.issued_on, item.expires_on = command.issued_on, command.expires_on
        item.verified_at = None
    await record(work, "assurance_item:declare", item, detail=command.model_dump())
    return item


async def verify_item(work: UnitOfWork, actor: Actor, command: VerifyItem) -> AssuranceItem:
    """Mark an item as verified, once for every force.

    Raises NotFound, Denied without `assurance:verify` or to a member of the supplier, WrongState
    for an item that is past, or was verified or rejected before.
    """
    item, technology = await _judged(work, actor, command.item_id)
    status = ITEM.after("verify", item.status)
    if item.expires_on is not None and item.expires_on <= catalogue.london_date(work.now):
        raise WrongState(f"This item expired on {item.expires_on:%d %B %Y}.")
    item.status, item.verified_at = status, work.now
    await record(
        work,
        "assurance_item:verify",
        item,
        detail={"type": item.type, "reference": item.reference},
        event=ItemVerified.about(item, technology),
    )
    return item


async def reject_item(work: UnitOfWork, actor: Actor, command: RejectItem) -> AssuranceItem:
    """Mark an item as not what it says; also one that was verified in error.

    Raises as `verify_item` does.
    """
    item, _ = await _judged(work, actor, command.item_id)
    item.status = ITEM.after("reject", item.status)
    item.verified_at = None
    await record(
        work,
        "assurance_item:reject",
        item,
        detail={"type": item.type, "reference": item.reference},
        reason=command.reason,
    )
    return item


async def expire_due(work: UnitOfWork) -> list[AssuranceItem]:
    """The hub's own step: mark every held item whose last day is over as expired."""
    over = await work.session.scalars(
        select(AssuranceItem)
        .where(
            AssuranceItem.status.in_(HELD),
            AssuranceItem.expires_on <= catalogue.london_date(work.now),
        )
        .order_by(AssuranceItem.id)
        .with_for_update()
    )
    items = list(over)
    for item in items:
        item.status = ITEM.after("expire", item.status)
        detail = {"type": item.type, "reference": item.reference, "expires_on": item.expires_on}
        await record(work, "assurance_item:expire", item, detail=detail)
    return items


async def submit(work: UnitOfWork, actor: Actor, command: SubmitTechnology) -> Technology:
    """Submit a listing for review, with the assurance it holds in the version.

    Raises as the catalogue's `submit` does.
    """
    held = await _held(work, command.technology_id)
    return await catalogue.submit(work, actor, command, assurance=held)


async def _check(work: UnitOfWork, command: DeclareItem) -> None:
    types = await catalogue.chosen_from(work, "assurance_type", [command.type], field="type")
    today = catalogue.london_date(work.now)
    if command.issued_on > today:
        raise Invalid("This date is in the future.", field="issued_on")
    if command.expires_on is None and types[command.type].detail.get("expires"):
        raise Invalid("Items of this type expire: give the date.", field="expires_on")
    if command.expires_on is not None and command.expires_on <= today:
        raise Invalid("This item has expired already.", field="expires_on")


async def _judged(work: UnitOfWork, actor: Actor, id: int) -> tuple[AssuranceItem, Technology]:
    """The item, locked, for an officer who is independent of its supplier."""
    found = await work.session.execute(
        select(AssuranceItem, Technology)
        .join(Technology, Technology.id == AssuranceItem.technology_id)
        .where(AssuranceItem.id == id, policy.visible(AssuranceItem, Viewer(actor)))
        .with_for_update(of=AssuranceItem)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("This assurance item does not exist.")
    item, technology = row
    actor.require(Permission.ASSURANCE_VERIFY)
    catalogue.independent_of(actor, technology)
    return item, technology


async def _held(work: UnitOfWork, technology_id: int) -> list[dict[str, Any]]:
    rows = await work.session.scalars(
        select(AssuranceItem)
        .where(AssuranceItem.technology_id == technology_id, AssuranceItem.status.in_(HELD))
        .order_by(AssuranceItem.type, AssuranceItem.reference)
    )
    return [
        {
            "type": item.type,
            "issuer": item.issuer,
            "reference": item.reference,
            "issued_on": item.issued_on.isoformat(),
            "expires_on": _iso(item.expires_on),
        }
        for item in rows
    ]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
