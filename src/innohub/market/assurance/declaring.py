"""The supplier's part: items are declared, given evidence, and renewed before they expire."""

from datetime import date
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, Problem, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.assurance.commands import AddEvidence, DeclareItem
from innohub.market.assurance.loading import visible_item
from innohub.market.assurance.models import HELD, ITEM, OPEN, AssuranceItem, Classification
from innohub.market.assurance.models import AssuranceStatus as Status
from innohub.market.assurance.proving import attach, named_after, refuse_marked
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import SubmitTechnology
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.documents.files import File
from innohub.market.reference_lists import chosen_from
from innohub.market.working_days import london_date
from innohub.outbox.service import record

OVER = (ListingState.WITHDRAWN, ListingState.ARCHIVED)


async def declare_item(
    work: UnitOfWork, actor: Actor, command: DeclareItem, *, file: File | None = None
) -> AssuranceItem:
    """Declare an item of the actor's own technology, perhaps in the place of an older one, with a
    `file` as its evidence where there is one.

    Raises NotFound, Denied without `assurance:write` at its supplier, WrongState where the listing
    is off the market or the older item was replaced already, Invalid for an unknown type, wrong
    dates or a file of what is marked SENSITIVE, Conflict where it stands already.
    """
    technology = await catalogue.visible_technology(work, actor, command.technology_id)
    actor.require(Permission.ASSURANCE_WRITE, technology.supplier_id)
    if technology.state in OVER:
        raise WrongState(f"This listing is {technology.state}: it takes no further assurance.")
    await _check(work, command)
    if command.renews_id is None:
        await _only_one(work, command)
    else:
        await _replace(work, command)
    bare = command.evidence is None and file is None
    status = Status.DECLARED if bare else Status.EVIDENCE_UPLOADED
    item = AssuranceItem(created_at=work.now, status=status, **command.model_dump())
    if file is not None and item.classification is not Classification.OFFICIAL:
        raise Invalid("Send no file: the item is marked SENSITIVE.", field="file")
    about = named_after(item) if file is not None else None
    work.session.add(item)
    await record(work, "assurance_item:declare", item, detail=command.model_dump())
    if file is not None and about is not None:
        await attach(work, item, technology, about, file)
    return item


async def add_evidence(work: UnitOfWork, actor: Actor, command: AddEvidence) -> AssuranceItem:
    """Say where the evidence is, until an officer has judged the item.

    Raises NotFound, Denied without `assurance:write` at its supplier, WrongState once it is judged
    or where it is marked SENSITIVE, Conflict on a stale revision.
    """
    item, technology = await visible_item(work, actor, command.item_id, command.revision)
    actor.require(Permission.ASSURANCE_WRITE, technology.supplier_id)
    item.status = ITEM.after("add_evidence", item.status)
    refuse_marked(item)
    item.evidence = command.evidence
    await record(work, "assurance_item:add_evidence", item, detail={"evidence": command.evidence})
    return item


async def submit(work: UnitOfWork, actor: Actor, command: SubmitTechnology) -> Technology:
    """Submit a listing for review, with the assurance it holds in the version.

    Raises as the catalogue's `submit` does.
    """
    held = await _held(work, command.technology_id)
    return await catalogue.submit(work, actor, command, assurance=held)


async def _check(work: UnitOfWork, command: DeclareItem) -> None:
    types = await chosen_from(work, "assurance_type", [command.type], field="type")
    today = london_date(work.now)
    if command.issued_on > today:
        raise Invalid("This date is in the future.", field="issued_on")
    if command.expires_on is None and types[command.type].detail.get("expires"):
        raise Invalid("Items of this type expire: give the date.", field="expires_on")
    if command.expires_on is not None and command.expires_on <= today:
        raise Invalid("This item has expired already.", field="expires_on")
    problems = _pointer_problems(command)
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)


def _pointer_problems(command: DeclareItem) -> list[Problem]:
    """Of what is marked SENSITIVE the hub takes its title and its holder, nothing else."""
    if command.classification is Classification.OFFICIAL:
        return []
    found = [
        Problem("Leave this empty: the item is marked SENSITIVE.", name)
        for name in ("scope", "level", "evidence")
        if getattr(command, name) is not None
    ]
    if command.holder is None:
        found.append(Problem("Say who keeps it: nothing else of it is held here.", "holder"))
    return found


async def _only_one(work: UnitOfWork, command: DeclareItem) -> None:
    # Under the technology's lock, so that two editors cannot both pass.
    standing = select(AssuranceItem.id).where(
        AssuranceItem.technology_id == command.technology_id,
        AssuranceItem.type == command.type,
        AssuranceItem.reference == command.reference,
        AssuranceItem.status.in_(HELD),
    )
    if await work.session.scalar(standing) is not None:
        raise Conflict("This item is declared already. Renew it instead.", field="reference")


async def _replace(work: UnitOfWork, command: DeclareItem) -> None:
    """Check the item to be renewed. One that nobody verified yet gives way at once; one that was
    verified holds until its renewal is."""
    older = await work.session.scalar(
        select(AssuranceItem)
        .where(
            AssuranceItem.id == command.renews_id,
            AssuranceItem.technology_id == command.technology_id,
        )
        .with_for_update()
    )
    if older is None:
        raise NotFound("The item to be renewed does not exist.")
    if older.type != command.type:
        raise Invalid("A renewal is of the same type as the item it renews.", field="type")
    ITEM.after("supersede", older.status)
    waiting = select(AssuranceItem.id).where(
        AssuranceItem.renews_id == older.id, AssuranceItem.status.in_(HELD)
    )
    if await work.session.scalar(waiting) is not None:
        raise Conflict("A renewal of this item is declared already.", field="renews_id")
    if older.status in OPEN:
        older.status = Status.SUPERSEDED
        await record(work, "assurance_item:supersede", older)


async def _held(work: UnitOfWork, technology_id: int) -> list[dict[str, Any]]:
    rows = await work.session.scalars(
        select(AssuranceItem)
        .where(AssuranceItem.technology_id == technology_id, AssuranceItem.status.in_(HELD))
        .order_by(AssuranceItem.type, AssuranceItem.reference, AssuranceItem.id)
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
