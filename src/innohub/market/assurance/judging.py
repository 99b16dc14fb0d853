"""The company's part: an officer verifies an item once for every force, or rejects it."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.assurance import alerts, requirements
from innohub.market.assurance.commands import JudgeItem, RejectItem, VerifyItem
from innohub.market.assurance.events import ItemVerified
from innohub.market.assurance.loading import visible_item
from innohub.market.assurance.models import ITEM, AssuranceItem, VerificationMethod
from innohub.market.assurance.models import AssuranceStatus as Status
from innohub.market.assurance.proving import can_be_read
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import ReinstateTechnology
from innohub.market.catalogue.models import Technology
from innohub.market.working_days import london_date
from innohub.outbox.service import record


async def verify_item(work: UnitOfWork, actor: Actor, command: VerifyItem) -> AssuranceItem:
    """Mark an item as verified, once for every force; what it renews gives way to it.

    Raises NotFound, Denied without `assurance:verify` or to a member of the supplier, WrongState
    for an item that is past, or was verified or rejected before, Invalid where evidence is said to
    have been read that nobody gave, Conflict on a stale revision.
    """
    item, technology = await _judged(work, actor, command)
    status = ITEM.after("verify", item.status)
    if item.expires_on is not None and item.expires_on <= london_date(work.now):
        raise WrongState(f"This item expired on {item.expires_on:%d %B %Y}.")
    reads = command.method is VerificationMethod.EVIDENCE_READ
    if reads and not await can_be_read(work, item):
        raise Invalid("There is no evidence to read: the supplier has added none.", field="method")
    item.status, item.verified_at = status, work.now
    _sign(item, actor, command.method, command.reason)
    await _supersede(work, item)
    await record(
        work,
        "assurance_item:verify",
        item,
        detail={"type": item.type, "reference": item.reference, "method": command.method.value},
        reason=command.reason,
        event=ItemVerified.about(item, technology),
    )
    await _tell(work, item, technology)
    return item


async def reject_item(work: UnitOfWork, actor: Actor, command: RejectItem) -> AssuranceItem:
    """Mark an item as not what it says; also one that was verified in error.

    Raises as `verify_item` does.
    """
    item, technology = await _judged(work, actor, command)
    item.status = ITEM.after("reject", item.status)
    item.verified_at = None
    _sign(item, actor, command.method, command.reason)
    await record(
        work,
        "assurance_item:reject",
        item,
        detail={"type": item.type, "reference": item.reference, "method": command.method},
        reason=command.reason,
    )
    await _tell(work, item, technology)
    return item


async def reinstate(work: UnitOfWork, actor: Actor, command: ReinstateTechnology) -> Technology:
    """Lift a suspension, once no required assurance is lacking that had expired.

    Raises as the catalogue's `reinstate` does, and WrongState where a renewal is not verified yet.
    """
    technology = await catalogue.reinstate(work, actor, command)
    lapsed = await requirements.lapsed(work, technology)
    if lapsed:
        named = ", ".join(type_.label for type_ in lapsed)
        raise WrongState(f"It has expired and no renewal is verified yet: {named}.")
    return technology


async def _judged(
    work: UnitOfWork, actor: Actor, command: JudgeItem
) -> tuple[AssuranceItem, Technology]:
    """The item, locked, for an officer who is independent of its supplier."""
    item, technology = await visible_item(work, actor, command.item_id, command.revision)
    actor.require(Permission.ASSURANCE_VERIFY)
    catalogue.independent_of(actor, technology)
    return item, technology


async def _tell(work: UnitOfWork, item: AssuranceItem, technology: Technology) -> None:
    label = alerts.shown(item, await requirements.label_of(work, item.type))
    await alerts.judged(work, item, technology, label)


def _sign(
    item: AssuranceItem, actor: Actor, method: VerificationMethod | None, reason: str
) -> None:
    item.verified_by_id = actor.person_id
    item.verification_method = method
    item.judgement = reason


async def _supersede(work: UnitOfWork, item: AssuranceItem) -> None:
    """Retire what the item renews, and what that was to renew."""
    renewed = item.renews_id
    while renewed is not None:
        older = await work.session.scalar(
            select(AssuranceItem).where(AssuranceItem.id == renewed).with_for_update()
        )
        if older is None:
            return
        if older.status is not Status.SUPERSEDED:
            older.status = ITEM.after("supersede", older.status)
            await record(work, "assurance_item:supersede", older, detail={"by": item.id})
        renewed = older.renews_id
