"""The protocol: proposed by one analyst, locked by a second person, public from then on."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.canonical import digest
from innohub.market.pilots import events, gates, headings, joining, sites
from innohub.market.pilots.assumptions import assumed
from innohub.market.pilots.commands import LockProtocol, ProposeProtocol, SignAssurance
from innohub.market.pilots.kpis import Kpi, primary_kpi_of
from innohub.market.pilots.models import PILOT, Direction, Pilot, PilotState, Protocol
from innohub.market.pilots.outcomes.models import ProtocolOutcome
from innohub.market.pilots.outcomes.registered import outcomes_of, registered
from innohub.market.pilots.participants import participant
from innohub.market.pilots.technology import listed_row, recount
from innohub.market.pilots.timeline import held, move, note, require_force, seen
from innohub.market.pilots.together import passport

COMPUTED_DESIGNS = (
    "after_only",
    "before_after",
    "cross_section_matched",
    "difference_in_differences",
    "matched_cluster_controlled",
    "individual_rct",
    "cluster_rct",
    "interrupted_time_series_no_control",
    "its_with_control",
)
"""Pilot designs whose effect the results engine finds from totals, by group or by month, for every
computed KPI type."""
SUPPLIED_DESIGNS = (
    "stepped_wedge_nonrandom",
    "stepped_wedge_randomised",
    "regression_discontinuity",
)
"""Those that need a model of their own: the analysts supply the estimate, labelled as theirs."""
DRAFTED_IN = {PilotState.SCOPING, PilotState.ASSURANCE}
REGISTERED_FIELDS = (
    "kpi", "kpi_type", "direction", "unit", "baseline_value", "baseline_source",
    "minimum_important_effect", "design", "unit_of_analysis", "delivery_framework",
    "sample_size", "analysis_plan", "stop_rules", "stop_limits", "result_due_on", "overdispersion",
    "baseline_counts", "design_effect", "before_after_correlation",
)  # fmt: skip
OF_THE_PILOT = ("site", "title", "question", "start_on", "end_on")


async def sign_assurance(work: UnitOfWork, actor: Actor, command: SignAssurance) -> Pilot:
    """A reviewer of one of the pilot's forces signs; with the last gate its assurance is complete.

    Raises NotFound, WrongState before the approval and after the lock, Denied to whoever does not
    review it, Conflict where there is nothing left to sign.
    """
    pilot = await held(work, actor, command.pilot_id)
    permission = Permission.PILOT_ASSURE
    force_id = await joining.acting_force(work, actor, pilot, permission, command.force_id)
    seen(pilot, command.revision)
    if pilot.state is not PilotState.ASSURANCE:
        raise WrongState("Assurance is signed once the pilot is approved and before its lock.")
    joined = await participant(work, pilot, force_id)
    whose = pilot if joined is None else joined
    if joined is not None and joined.approved_at is None:
        raise WrongState("Your force's senior responsible owner has not approved it yet.")
    if whose.assured_at is not None:
        raise Conflict("The assurance of this pilot is signed already.")
    signed, complete = await gates.sign(
        work, actor, pilot, force_id, command.reviewer, command.note
    )
    if complete:
        whose.assured_at = work.now
    said = ", ".join(gates.words(gate.reviewer) for gate in signed).capitalize()
    reason = f"{said}. {command.note}" if command.note else f"{said}."
    detail = {"reviewers": [gate.reviewer for gate in signed], "force_id": force_id}
    await note(
        work, actor, pilot, "sign_assurance", before=pilot.state, reason=reason, detail=detail
    )
    await passport.keep(work, pilot)
    return pilot


async def propose_protocol(work: UnitOfWork, actor: Actor, command: ProposeProtocol) -> Protocol:
    """Write the protocol, or change it: whoever did so last may not lock it.

    Raises Invalid where it breaks the KPI dictionary or cannot be analysed, Conflict where the
    existing one is not the revision that was read, WrongState once it is locked.
    """
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PROTOCOL_PROPOSE, pilot)
    if pilot.state not in DRAFTED_IN:
        raise WrongState("A protocol is written during scoping and assurance, before its lock.")
    kpi = await primary_kpi_of(work, pilot.kpi)
    refuse_unsound(command, kpi, pilot)
    protocol = await protocol_of(work, pilot)
    if protocol is None:
        protocol = Protocol(pilot_id=pilot.id, created_at=work.now)
        work.session.add(protocol)
    elif command.revision != protocol.revision:
        raise Conflict("There is a protocol already: change the revision that you have read.")
    for name, value in content_of(command, kpi).items():
        setattr(protocol, name, value)
    protocol.proposed_by_id = actor.person_id
    await work.session.flush()
    detail = {"protocol_revision": protocol.revision}
    await note(work, actor, pilot, "propose_protocol", before=pilot.state, detail=detail)
    return protocol


async def lock_protocol(work: UnitOfWork, actor: Actor, command: LockProtocol) -> Protocol:
    """Fix the protocol under a hash and enter it in the public register.

    The lock is a second person's, of the force or an evaluation adviser. Raises Denied to whoever
    proposed it, WrongState before assurance is signed or without a protocol, Invalid with a problem
    for each heading that is not written yet.
    """
    pilot = await held(work, actor, command.pilot_id)
    if not actor.may(Permission.PILOT_ADVISE):
        require_force(actor, Permission.PROTOCOL_CONFIRM, pilot)
    PILOT.after("lock_protocol", pilot.state)
    protocol = await protocol_of(work, pilot)
    if protocol is None:
        raise WrongState("There is no protocol to lock yet.")
    if actor.person_id is None or actor.person_id == protocol.proposed_by_id:
        raise Denied("A second person locks the protocol: not the one who proposed it.")
    if command.revision is not None and command.revision != protocol.revision:
        raise Conflict("The protocol was changed after you read it. Read it again.")
    if pilot.assured_at is None:
        raise WrongState("The force's reviewers have not signed the assurance yet.")
    _refuse_unfinished(protocol)
    _refuse_early_result(protocol.result_due_on, pilot)
    await joining.settle(work, actor, pilot, leave_out=command.leave_out)
    facts = await events.subject(work, pilot)
    planned = await sites.as_planned(work, pilot)
    others = await outcomes_of(work, pilot)
    protocol.canonical = canonical_of(protocol, pilot, facts, planned, others)
    protocol.hash = digest(protocol.canonical)
    protocol.locked_at, protocol.locked_by_id = work.now, actor.person_id
    event = events.PilotProtocolRegistered(
        **facts,
        protocol_hash=protocol.hash,
        **{name: getattr(protocol, name) for name in events.OF_PROTOCOL},
    )
    detail = {"hash": protocol.hash}
    await move(work, actor, pilot, "lock_protocol", detail=detail, event=event)
    await passport.keep(work, pilot)
    await listed_row(work, pilot.technology_id)
    await recount(work, pilot.technology_id)
    return protocol


async def protocol_of(work: UnitOfWork, pilot: Pilot) -> Protocol | None:
    found = await work.session.scalars(select(Protocol).where(Protocol.pilot_id == pilot.id))
    return found.one_or_none()


def canonical_of(
    protocol: Protocol,
    pilot: Pilot,
    facts: dict[str, Any],
    planned: Sequence[dict[str, str]] = (),
    others: Sequence[ProtocolOutcome] = (),
) -> dict[str, Any]:
    """What the hash covers: the plan with all its KPIs, and the pilot it is the plan of with its
    sites. Dates are ISO texts."""
    content = {name: getattr(protocol, name) for name in REGISTERED_FIELDS}
    content |= {name: getattr(pilot, name) for name in OF_THE_PILOT}
    content |= {
        "format": 4,
        "sections": headings.as_registered(protocol.sections),
        "baseline_counts": protocol.baseline_counts or [],
        "sites": list(planned),
        "outcomes": registered(others),
        "pilot": pilot.id,
        "technology": facts["technology_slug"],
        "listing_version": facts["listing_version"],
        "force": facts["force_slug"],
    }
    return {
        name: value.isoformat() if name.endswith("_on") else value
        for name, value in content.items()
    }


def content_of(command: ProposeProtocol, kpi: Kpi) -> dict[str, Any]:
    """The columns of a Protocol that `command` fills, completed from the dictionary."""
    given = command.model_dump(exclude={"pilot_id", "revision", "stop_limits"})
    texts = command.sections.model_dump(exclude_none=True)
    return given | {
        "kpi": kpi.id,
        "kpi_type": kpi.type,
        "direction": Direction(kpi.direction),
        "unit": command.unit or kpi.unit,
        "sections": texts,
        "stop_limits": [limit.model_dump(mode="json") for limit in command.stop_limits],
        **assumed(given, kpi.type, command.design),
    }


def refuse_unsound(command: ProposeProtocol, kpi: Kpi, pilot: Pilot) -> None:
    """Raise Invalid where the plan breaks the KPI dictionary or the engine cannot answer it."""
    if command.kpi_type not in (None, kpi.type):
        raise Invalid(f"The dictionary counts this KPI as a {kpi.type}.", field="kpi_type")
    if command.direction not in (None, kpi.direction):
        raise Invalid(f"For this KPI, {_words(kpi.direction)}.", field="direction")
    # A rate may be told for the pilot's own exposure: per 1,000 shifts, say, not per 1,000 arrests.
    if kpi.type != "count_rate" and command.unit not in (None, kpi.unit):
        raise Invalid(f"The unit of this KPI is “{kpi.unit}”.", field="unit")
    if command.design not in (*COMPUTED_DESIGNS, *SUPPLIED_DESIGNS):
        known = ", ".join(_words(design) for design in (*COMPUTED_DESIGNS, *SUPPLIED_DESIGNS))
        raise Invalid(f"A pilot has one of these designs: {known}.", field="design")
    _refuse_impossible(command, kpi)
    _refuse_early_result(command.result_due_on, pilot)


def _refuse_impossible(command: ProposeProtocol, kpi: Kpi) -> None:
    """A baseline outside its type, and an effect that cannot happen."""
    baseline, minimum = command.baseline_value, command.minimum_important_effect
    if kpi.type == "proportion" and not 0 <= baseline <= 1:
        raise Invalid("A proportion is a fraction: 0.42 is 42%.", field="baseline_value")
    if kpi.type == "count_rate" and baseline < 0:
        raise Invalid("A rate cannot be negative.", field="baseline_value")
    falling = kpi.direction == Direction.LOWER_IS_BETTER
    if kpi.type == "proportion":
        possible = 0 < minimum <= 1
    elif kpi.type == "count_rate":
        possible = 0 < minimum < 1 if falling else 0 < minimum <= 1e6
    else:
        possible = minimum > 0
    if not possible:
        raise Invalid(
            "The minimum important effect must be more than 0, and no more than can happen: "
            "0.05 is 5 percentage points for a proportion and 5% for a rate.",
            field="minimum_important_effect",
        )


def _refuse_unfinished(protocol: Protocol) -> None:
    lacking = headings.missing(protocol)
    if lacking:
        raise Invalid(
            "The protocol is not whole yet. " + " ".join(problem.message for problem in lacking),
            problems=lacking,
        )


def _refuse_early_result(due_on: date, pilot: Pilot) -> None:
    if due_on <= pilot.end_on:
        raise Invalid("The result is due after the end of the pilot.", field="result_due_on")


def _words(name: str) -> str:
    return name.replace("_", " ")
