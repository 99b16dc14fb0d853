"""The five gates, as they stand for each item of a round now, and as they were kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, or_, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.assurance.service import unmet
from innohub.market.board.gating.debarring import debarred
from innohub.market.board.gating.models import Debarment, Gate, GateCheck, GateStage
from innohub.market.board.models import RoundItem
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.pilots.models import PausedBy, Pilot, PilotDecision, PilotState, StopReason
from innohub.market.pilots.service import suppliers_overdue
from innohub.market.quotes.service import priced_versions, whole_life_cost_pence
from innohub.market.working_days import in_words


@dataclass(frozen=True)
class Finding:
    passed: bool
    detail: str


Found = Mapping[Gate, Finding]


async def check(
    work: UnitOfWork, items: Sequence[RoundItem], technologies: Mapping[int, Technology]
) -> dict[int, Found]:
    """What each gate says of each item now, by the items' ids; `technologies` by items' ids."""
    suppliers = {one.supplier_id for one in technologies.values()}
    owing = await suppliers_overdue(work, suppliers)
    barred = await debarred(work, suppliers)
    quoted = await priced_versions(work, {item.listing_version_id for item in items})
    found: dict[int, Found] = {}
    for item in items:
        technology = technologies[item.id]
        version = await work.session.get_one(ListingVersion, item.listing_version_id)
        found[item.id] = {
            Gate.NO_OVERDUE_RESULTS: _no_overdue(technology.supplier_id in owing),
            Gate.ASSURANCE_MINIMUM_MET: await _assured(work, technology),
            Gate.NO_UNRESOLVED_SAFETY_STOP: await _safe(work, technology, version),
            Gate.PRICE_QUOTED: _priced(version.id in quoted),
            Gate.NOT_DEBARRED: _not_debarred(barred.get(technology.supplier_id)),
        }
    return found


async def keep(work: UnitOfWork, found: Mapping[int, Found], stage: GateStage) -> None:
    """Store what was found, in the place of what the same stage found before."""
    await work.session.execute(
        delete(GateCheck).where(GateCheck.item_id.in_(found), GateCheck.stage == stage)
    )
    for item_id, by_gate in found.items():
        for gate, one in by_gate.items():
            row = GateCheck(item_id=item_id, gate=gate, stage=stage, created_at=work.now)
            row.passed, row.detail = one.passed, one.detail
            work.session.add(row)
    await work.session.flush()


async def costs(work: UnitOfWork, items: Sequence[RoundItem]) -> dict[int, int | None]:
    """What each item costs over its life by the quote that stands now, kept with the item."""
    found = await whole_life_cost_pence(work, {item.listing_version_id for item in items})
    for item in items:
        item.whole_life_pence = found.get(item.listing_version_id)
    return {item.id: item.whole_life_pence for item in items}


def failed(found: Found) -> list[Gate]:
    """The gates that the item does not pass, in their order."""
    return [gate for gate in Gate if not found[gate].passed]


def _no_overdue(owes: bool) -> Finding:
    if owes:
        return Finding(False, "A result with this supplier is unreported and unexplained.")
    return Finding(True, "No result with this supplier is unreported and unexplained.")


async def _assured(work: UnitOfWork, technology: Technology) -> Finding:
    lacking = await unmet(work, technology)
    if lacking:
        labels = ", ".join(type_.label for type_ in lacking)
        return Finding(False, f"Not verified or out of date: {labels}.")
    return Finding(True, "All assurance that its category needs is verified and in date.")


async def _safe(work: UnitOfWork, technology: Technology, version: ListingVersion) -> Finding:
    """A stop on safety grounds stays open until a reviewed version, later than the one that was
    stopped, is what the board judges; a pause by a stop rule, until the pilot goes on."""
    stopped = or_(
        Pilot.stop_reason == StopReason.SAFETY_OR_LEGAL,
        Pilot.decision == PilotDecision.STOP_UNSAFE,
    )
    paused = and_(Pilot.state == PilotState.PAUSED, Pilot.paused_by == PausedBy.STOP_RULE)
    rows = await work.session.execute(
        select(Pilot.title, paused, ListingVersion.number)
        .join(ListingVersion, ListingVersion.id == Pilot.listing_version_id)
        .where(Pilot.technology_id == technology.id, or_(stopped, paused))
        .order_by(Pilot.id)
    )
    mended = await _last_reviewed(work, version)
    for title, is_paused, number in rows:
        if is_paused:
            return Finding(False, f"“{title}” is paused by a stop rule.")
        if mended <= number:
            since = "no later version of the listing was reviewed since"
            return Finding(False, f"“{title}” was stopped on grounds of safety, and {since}.")
    return Finding(True, "No pilot of it was stopped on grounds of safety without being answered.")


async def _last_reviewed(work: UnitOfWork, version: ListingVersion) -> int:
    """The number of the newest reviewed version that the pinned one holds."""
    found = await work.session.scalar(
        select(ListingVersion.number)
        .where(
            ListingVersion.technology_id == version.technology_id,
            ListingVersion.number <= version.number,
            ListingVersion.material,
        )
        .order_by(ListingVersion.number.desc())
        .limit(1)
    )
    return found or 0


def _priced(quoted: bool) -> Finding:
    """A price band on the listing binds nobody: it is no price quoted."""
    if quoted:
        return Finding(True, "A quote stands for the version that the board judges.")
    return Finding(False, "No quote stands for the version that the board judges.")


def _not_debarred(debarment: Debarment | None) -> Finding:
    if debarment is None:
        return Finding(True, "The supplier is not debarred.")
    until = debarment.until_on
    words = f"until {in_words(until)}" if until else "until further notice"
    return Finding(False, f"The supplier is debarred {words}: {debarment.reason}")
