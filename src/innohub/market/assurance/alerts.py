"""Who is told when assurance is judged, runs out, or takes a listing off the market with it."""

from collections.abc import Collection, Iterable

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import ReferenceValue, Role
from innohub.market.assurance.models import AssuranceItem, Classification
from innohub.market.catalogue.models import Technology
from innohub.market.working_days import in_words
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify

SUPPLIER = (Role.SUPPLIER_ADMIN,)
REVIEWERS = (Role.FORCE_ASSURANCE_REVIEWER,)
RUNNING_IT = (
    Role.FORCE_ASSURANCE_REVIEWER,
    Role.FORCE_INNOVATION_LEAD,
    Role.FORCE_SENIOR_RESPONSIBLE_OWNER,
)
"""Of a force that pilots or uses what was suspended: those who have to act on it."""


async def judged(work: UnitOfWork, item: AssuranceItem, technology: Technology, label: str) -> None:
    """Tell the supplier's administrators that an officer decided."""
    text = f"{label} of {technology.name} was {item.status}: {item.judgement}"
    # An item may be judged twice: verified, and rejected when that proves wrong.
    await _tell(work, [technology.supplier_id], SUPPLIER, item, text, f"{item.status}")


async def expiring(
    work: UnitOfWork,
    item: AssuranceItem,
    technology: Technology,
    label: str,
    *,
    days_left: int,
    forces: Iterable[int],
) -> None:
    """Warn the supplier's administrators, and the reviewers of the forces that rely on it."""
    left = "tomorrow" if days_left == 1 else f"in {days_left} days"
    text = f"{label} of {technology.name} expires {left}, on {last_day(item)}."
    event = f"warned-{item.warned_days}"
    await _tell(work, [technology.supplier_id], SUPPLIER, item, f"{text} Renew it.", event)
    await _tell(work, forces, REVIEWERS, item, text, event)


async def expired(
    work: UnitOfWork,
    item: AssuranceItem,
    technology: Technology,
    label: str,
    *,
    forces: Iterable[int],
) -> None:
    """Say that it is over, to the same people."""
    text = f"{label} of {technology.name} expired on {last_day(item)}."
    await _tell(work, [technology.supplier_id], SUPPLIER, item, text, "expired")
    await _tell(work, forces, REVIEWERS, item, text, "expired")


async def suspended(
    work: UnitOfWork,
    item: AssuranceItem,
    technology: Technology,
    lost: Collection[ReferenceValue],
    *,
    forces: Iterable[int],
) -> None:
    """Alert every force that pilots or uses the technology, and its supplier."""
    named = " and ".join(type_.label for type_ in lost)
    text = f"{technology.name} is suspended: required assurance has expired ({named})."
    cure = "It is published again once a renewal is verified."
    await _tell(work, [technology.supplier_id], SUPPLIER, item, f"{text} {cure}", "suspended")
    told = f"{text} Check whether your use of it may go on."
    await _tell(work, forces, RUNNING_IT, item, told, "suspended")


def shown(item: AssuranceItem, label: str) -> str:
    """How a notice names the item: of what is marked SENSITIVE the kind only."""
    if item.classification is Classification.OFFICIAL_SENSITIVE:
        return label
    return f"{label} ({item.reference})"


def last_day(item: AssuranceItem) -> str:
    """ "5 January 2027"; empty for an item that does not expire."""
    return in_words(item.expires_on) if item.expires_on else ""


async def _tell(
    work: UnitOfWork,
    organisations: Iterable[int],
    roles: Collection[Role],
    item: AssuranceItem,
    text: str,
    event: str,
) -> None:
    for organisation_id in organisations:
        await notify(
            work,
            kind=NoticeKind.ASSURANCE,
            organisation_id=organisation_id,
            roles=roles,
            text=text,
            path=f"/assurance/{item.id}",
            key=f"assurance/{item.id}/{event}",
        )
