"""From the wish for a pilot to its approved scope."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.pilots import events, gates, joining, overdue, procurement, sites
from innohub.market.pilots.commands import (
    AcceptPilot,
    ApprovePilot,
    CheckOverlap,
    ChooseOverlap,
    DeclinePilot,
    ProposePilot,
    RequestPilot,
)
from innohub.market.pilots.earlier import overlap as earlier
from innohub.market.pilots.earlier.models import EarlierOverlap, EarlierPilot
from innohub.market.pilots.for_challenges.asking import takes_pilots
from innohub.market.pilots.kpis import primary_kpi_of
from innohub.market.pilots.models import PILOT, OverlapChoice, Pilot, PilotOverlap, PilotState
from innohub.market.pilots.overlap import Overlap, counted, similar
from innohub.market.pilots.technology import listed
from innohub.market.pilots.timeline import held, move, note, require_force, seen
from innohub.market.pilots.together import passport
from innohub.market.working_days import london_date


async def propose(work: UnitOfWork, actor: Actor, command: ProposePilot) -> Pilot:
    """Write down the wish for a pilot, for colleagues to read. It stays `proposed` until
    `check_overlap`: nothing is compared, and the supplier is told nothing.

    Raises as `request` does.
    """
    pilot = await _new(work, actor, command)
    await note(work, actor, pilot, "propose", before=None)
    return pilot


async def check_overlap(work: UnitOfWork, actor: Actor, command: CheckOverlap) -> Pilot:
    """Request what was proposed, of the version that is listed now; it goes on as `request` says.

    Raises NotFound, Denied, Conflict on a stale revision; WrongState also where the listing is not
    published any more, and while the force owes a result of a pilot with the supplier.
    """
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_REQUEST, pilot)
    seen(pilot, command.revision)
    PILOT.after("review_overlap", pilot.state)
    technology = await listed(work, pilot.technology_id)
    await overdue.refuse_while_overdue(work, pilot.force_id, technology.supplier_id)
    if technology.current_version_id is not None:
        pilot.listing_version_id = technology.current_version_id
    overlaps = await _shown(work, actor, pilot)
    await _open(work, actor, pilot, overlaps, before=pilot.state)
    if not overlaps:
        await move(work, actor, pilot, "scope")
    return pilot


async def request(work: UnitOfWork, actor: Actor, command: RequestPilot) -> Pilot:
    """Ask for a pilot of the listing's current version.

    Pilots like it are recorded as shown; with any, it stays in `overlap_review` until a choice is
    given, else it goes on to `scoping`. Raises NotFound, Denied, Invalid; WrongState where the
    listing is not published, and while the force owes a result of a pilot with the supplier.
    """
    pilot = await _new(work, actor, command)
    overlaps = await _shown(work, actor, pilot)
    await _open(work, actor, pilot, overlaps, before=None)
    if not overlaps or command.overlap_choice:
        if not overlaps:
            await move(work, actor, pilot, "scope")
        elif command.overlap_choice:
            choice = command.overlap_choice
            await _chosen(work, actor, pilot, choice, command.overlap_reason, command.join_id)
    return pilot


async def choose(work: UnitOfWork, actor: Actor, command: ChooseOverlap) -> Pilot:
    """Say what the pilots like it mean for this one; it goes on to `scoping`.

    To join one of them as a site, this one is declined in its favour: raises Invalid, field
    `join_id`, where that pilot cannot be joined.
    """
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_REQUEST, pilot)
    seen(pilot, command.revision)
    PILOT.after("scope", pilot.state)
    await _chosen(work, actor, pilot, command.choice, command.reason, command.join_id)
    return pilot


async def _chosen(
    work: UnitOfWork,
    actor: Actor,
    pilot: Pilot,
    choice: OverlapChoice,
    reason: str | None,
    join_id: int | None,
) -> None:
    pilot.overlap_choice, pilot.overlap_reason = choice, reason
    detail = {"choice": choice}
    if choice is not OverlapChoice.JOIN_AS_SITE or join_id is None:
        await move(work, actor, pilot, "scope", reason=reason, detail=detail)
        return
    other = await joining.joined_in_place(work, actor, pilot, join_id)
    pilot.joined_id = other.id
    pilot.closing_reason = f"The force joined “{other.title}” as a site in its place."
    facts = await events.subject(work, pilot)
    event = events.PilotDeclined(**facts, reason=pilot.closing_reason)
    await move(
        work, actor, pilot, "decline", reason=pilot.closing_reason, detail=detail, event=event
    )


async def accept(work: UnitOfWork, actor: Actor, command: AcceptPilot) -> Pilot:
    """The supplier agrees; the state stays `scoping`. Raises Conflict the second time."""
    pilot = await held(work, actor, command.pilot_id)
    actor.require(Permission.PILOT_RESPOND, pilot.supplier_id)
    seen(pilot, command.revision)
    if pilot.state is not PilotState.SCOPING:
        raise WrongState("A pilot is accepted while it is being scoped.")
    if pilot.supplier_accepted_at is not None:
        raise Conflict("The supplier has accepted this pilot already.")
    pilot.supplier_accepted_at = work.now
    event = events.PilotAccepted(**await events.subject(work, pilot))
    await note(work, actor, pilot, "accept", before=pilot.state, event=event)
    return pilot


async def decline(work: UnitOfWork, actor: Actor, command: DeclinePilot) -> Pilot:
    """Say no before it begins: the supplier, or the force's senior responsible owner."""
    pilot = await held(work, actor, command.pilot_id)
    if not actor.may(Permission.PILOT_RESPOND, pilot.supplier_id):
        require_force(actor, Permission.PILOT_APPROVE, pilot)
    seen(pilot, command.revision)
    PILOT.after("decline", pilot.state)
    pilot.closing_reason = command.reason
    facts = await events.subject(work, pilot)
    event = events.PilotDeclined(**facts, reason=command.reason)
    await move(work, actor, pilot, "decline", reason=command.reason, event=event)
    return pilot


async def approve(work: UnitOfWork, actor: Actor, command: ApprovePilot) -> Pilot:
    """The senior responsible owner approves scope and dates; assurance begins, with a task for
    each thing that the passport leaves open.

    Raises WrongState before the supplier's acceptance or where the listing is not published,
    Invalid where the start has passed and no new dates are given, where nobody said what it costs,
    or where it reaches the procurement threshold and no lawful route is recorded.
    """
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_APPROVE, pilot)
    seen(pilot, command.revision)
    PILOT.after("approve", pilot.state)
    if pilot.supplier_accepted_at is None:
        raise WrongState("The supplier has not accepted this pilot yet.")
    await listed(work, pilot.technology_id)
    await procurement.refuse_uncosted(work, pilot)
    if command.start_on and command.end_on:
        pilot.start_on, pilot.end_on = command.start_on, command.end_on
    if pilot.start_on < london_date(work.now):
        raise Invalid("The planned start has passed: give new dates.", field="start_on")
    event = events.PilotApproved(**await events.subject(work, pilot))
    dates = {"start_on": pilot.start_on, "end_on": pilot.end_on}
    if pilot.force_id is not None and await gates.set_for(work, pilot, pilot.force_id):
        pilot.assured_at = work.now
    await move(work, actor, pilot, "approve", reason=command.reason, detail=dates, event=event)
    await passport.keep(work, pilot)
    return pilot


async def _new(work: UnitOfWork, actor: Actor, command: ProposePilot) -> Pilot:
    force_id = command.force_id or actor.only_organisation(Permission.PILOT_REQUEST)
    actor.require(Permission.PILOT_REQUEST, force_id)
    technology = await listed(work, command.technology_id)
    await overdue.refuse_while_overdue(work, force_id, technology.supplier_id)
    await primary_kpi_of(work, command.kpi)
    if command.challenge_id is not None:
        await takes_pilots(work, actor, command.challenge_id, force_id)
    if command.start_on < london_date(work.now):
        raise Invalid("The start cannot lie in the past.", field="start_on")
    pilot = Pilot(
        **command.model_dump(include=set(ProposePilot.model_fields) - {"force_id"}),
        force_id=force_id,
        supplier_id=technology.supplier_id,
        listing_version_id=technology.current_version_id,
        state=PilotState.PROPOSED,
        requested_by_id=actor.person_id,
        demonstration=technology.demonstration,
        created_at=work.now,
    )
    work.session.add(pilot)
    await work.session.flush()
    await sites.first(work, pilot)
    await procurement.keep(work, pilot, command)
    return pilot


async def _shown(work: UnitOfWork, actor: Actor, pilot: Pilot) -> list[Overlap]:
    """The pilots like this one, itself left out, and those from before the hub."""
    viewer, today = Viewer(actor), london_date(work.now)
    found = await similar(
        work.session,
        viewer,
        pilot.technology_id,
        pilot.kpi,
        today=today,
        challenge_id=pilot.challenge_id,
    )
    before = await earlier.similar(
        work.session, viewer, pilot.technology_id, pilot.kpi, today=today
    )
    return [*(overlap for overlap in found if overlap.pilot.id != pilot.id), *before]


async def _open(
    work: UnitOfWork,
    actor: Actor,
    pilot: Pilot,
    overlaps: list[Overlap],
    *,
    before: PilotState | None,
) -> None:
    """The first two steps: asked for, and checked against the pilots like it."""
    facts = await events.subject(work, pilot)
    asked = events.PilotRequested(**facts, question=pilot.question)
    await note(work, actor, pilot, "request", before=before, event=asked)
    work.session.add_all(_kept(pilot, overlap) for overlap in overlaps)
    counts = counted(overlaps)
    facts |= counts
    found = events.PilotOverlapFound(**facts) if overlaps else None
    await move(work, SYSTEM, pilot, "review_overlap", detail=counts, event=found)


def _kept(pilot: Pilot, overlap: Overlap) -> PilotOverlap | EarlierOverlap:
    """That it was shown with the request."""
    other, because = overlap.pilot, overlap.because
    if isinstance(other, EarlierPilot):
        return EarlierOverlap(pilot_id=pilot.id, earlier_id=other.id, because=because)
    return PilotOverlap(pilot_id=pilot.id, other_id=other.id, because=because)
