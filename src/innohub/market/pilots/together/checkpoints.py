"""Checkpoints, and the stop rules that stop: what is met pauses the pilot in the same
transaction."""

from typing import Any

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, Problem, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.models import Role
from innohub.identity.permissions import Permission
from innohub.market.pilots import events
from innohub.market.pilots.commands import PausePilot, StopLimit
from innohub.market.pilots.halting import pause
from innohub.market.pilots.joining import acting_force
from innohub.market.pilots.models import Pilot, PilotState, StopComparison
from innohub.market.pilots.participants import name_of
from innohub.market.pilots.protocols import protocol_of
from innohub.market.pilots.timeline import held, note
from innohub.market.pilots.together.commands import Reading, RecordCheckpoint
from innohub.market.pilots.together.events import (
    PilotCheckpointRecorded,
    PilotStopRuleBreached,
    ReadingTold,
)
from innohub.market.pilots.together.models import Checkpoint, CheckpointRating, PilotSide
from innohub.market.pilots.together.people import page_of, parties, tell_all
from innohub.market.working_days import london_date
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify, notify_role

HELD_IN = {PilotState.RUNNING, PilotState.PAUSED}
WRITTEN = "A stop rule that the protocol puts in words"
FORCE_ALERTED = (Role.FORCE_ASSURANCE_REVIEWER, Role.FORCE_CHIEF_OFFICER)
"""Beside those who lead the pilot in each of its forces. The assurance reviewer is the force's data
protection officer or stands for them."""
MARKET_ALERTED = (Role.BOARD_SECRETARY, Role.ASSURANCE_OFFICER)


async def record(work: UnitOfWork, actor: Actor, command: RecordCheckpoint) -> Checkpoint:
    """Record a checkpoint of a pilot that runs or is paused: each of its forces of its own sites.

    Raises NotFound, Denied, WrongState; Invalid for a day outside the pilot, and where the reading
    of a stop rule is missing or of none.
    """
    pilot = await held(work, actor, command.pilot_id)
    permission = Permission.PILOT_RUN
    force_id = await acting_force(work, actor, pilot, permission, command.force_id)
    if pilot.state not in HELD_IN:
        raise WrongState("A checkpoint is held while the pilot runs, or is paused.")
    _refuse_days(command, pilot, london_date(work.now))
    limits = await limits_of(work, pilot)
    readings, breached = _judged(command.readings, limits)
    if command.written_rule_met:
        breached.append(WRITTEN)
    counted = select(func.count()).where(Checkpoint.pilot_id == pilot.id)
    checkpoint = Checkpoint(
        **command.model_dump(include={"pilot_id", "held_on", "note", "next_on"}),
        force_id=force_id,
        number=(await work.session.scalar(counted) or 0) + 1,
        rating=CheckpointRating.RED if breached else command.rating,
        readings=readings,
        written_rule_met=command.written_rule_met,
        breached=breached,
        by_name=actor.name,
        created_at=work.now,
    )
    work.session.add(checkpoint)
    await work.session.flush()
    await _told(work, actor, pilot, checkpoint)
    if breached:
        await _stopped_by(work, pilot, checkpoint)
    return checkpoint


async def limits_of(work: UnitOfWork, pilot: Pilot) -> list[StopLimit]:
    """The stop rules of the pilot's protocol that a number decides, in their order."""
    protocol = await protocol_of(work, pilot)
    return [StopLimit(**limit) for limit in protocol.stop_limits] if protocol else []


def in_words(limit: StopLimit, value: float | None = None) -> str:
    """ "Complaints: 3 or more", with what was counted behind it."""
    way = "or more" if limit.comparison is StopComparison.AT_LEAST else "or less"
    told = "" if value is None else f"; it is {value:g}"
    return f"{limit.label}: {limit.threshold:g} {way}{told}"


def _judged(
    given: list[Reading], limits: list[StopLimit]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The readings as they are kept, those of the stop rules first, and the rules that are met."""
    by_rule = {one.rule: one for one in given if one.rule is not None}
    missing = [
        Problem(f"Give the number for the stop rule “{in_words(limit)}”.", "readings")
        for place, limit in enumerate(limits, start=1)
        if place not in by_rule
    ]
    unknown = [rule for rule in by_rule if rule > len(limits)]
    if unknown or len(by_rule) + sum(one.rule is None for one in given) != len(given):
        missing.append(Problem("There is no such stop rule, or it is read twice.", "readings"))
    missing += [
        Problem("Say what this number counts.", f"readings.{place}.label")
        for place, one in enumerate(given)
        if one.rule is None and one.label is None
    ]
    if missing:
        raise Invalid(missing[0].message, field=missing[0].field, problems=missing)
    kept: list[dict[str, Any]] = []
    breached: list[str] = []
    for place, limit in enumerate(limits, start=1):
        value = by_rule[place].value
        met = limit.is_met(value)
        kept.append({"label": limit.label, "value": value, "rule": place, "met": met})
        if met:
            breached.append(in_words(limit, value))
    kept += [{"label": one.label, "value": one.value} for one in given if one.rule is None]
    return kept, breached


def _refuse_days(command: RecordCheckpoint, pilot: Pilot, today: Any) -> None:
    if not pilot.start_on <= command.held_on <= today and command.held_on != today:
        raise Invalid("A checkpoint is held between the start and today.", field="held_on")
    if command.next_on is not None and command.next_on <= today:
        raise Invalid("The next checkpoint lies ahead.", field="next_on")


async def _told(work: UnitOfWork, actor: Actor, pilot: Pilot, checkpoint: Checkpoint) -> None:
    facts = await events.subject(work, pilot)
    name = await name_of(work, checkpoint.force_id) if checkpoint.force_id else ""
    event = PilotCheckpointRecorded(
        **facts,
        recorded_for=name,
        number=checkpoint.number,
        held_on=checkpoint.held_on,
        rating=checkpoint.rating,
        note=checkpoint.note,
        readings=[ReadingTold(**one) for one in checkpoint.readings],
        next_on=checkpoint.next_on,
    )
    words = f"Checkpoint {checkpoint.number}: {checkpoint.rating}"
    if checkpoint.force_id != pilot.force_id:
        words = f"{name}. {words}"
    detail = {"checkpoint": checkpoint.id, "rating": checkpoint.rating}
    await note(
        work, actor, pilot, "record_checkpoint", before=pilot.state, reason=words, detail=detail,
        event=event,
    )  # fmt: skip
    await tell_all(
        work,
        pilot,
        text=f"Checkpoint {checkpoint.number} of the pilot “{pilot.title}” is recorded: "
        f"{checkpoint.rating}.",
        path=page_of(pilot, "checkpoints"),
        key=f"pilot/{pilot.id}/checkpoint/{checkpoint.number}",
        but=actor.person_id,
    )


async def _stopped_by(work: UnitOfWork, pilot: Pilot, checkpoint: Checkpoint) -> None:
    """Halt the pilot if it still runs; where it is halted already, alert the same people anew."""
    rules, told = "; ".join(checkpoint.breached), await _without_counts(work, pilot, checkpoint)
    event = PilotStopRuleBreached(
        **await events.subject(work, pilot), number=checkpoint.number, rules=told
    )
    detail = {"checkpoint": checkpoint.id, "rules": checkpoint.breached}
    await note(
        work, SYSTEM, pilot, "stop_rule_breached", before=pilot.state, reason=rules,
        detail=detail, event=event,
    )  # fmt: skip
    if pilot.state is PilotState.RUNNING:
        # To pause is to alert: the supplier, the force's reviewer and leaders, the secretary.
        met = f"A stop rule is met at checkpoint {checkpoint.number}: "
        command = PausePilot(pilot_id=pilot.id, reason=(met + rules)[:1_000])
        await pause(work, SYSTEM, command, told=(met + "; ".join(told))[:1_000])
    else:
        await _alert(work, pilot, checkpoint, rules)


async def _without_counts(work: UnitOfWork, pilot: Pilot, checkpoint: Checkpoint) -> list[str]:
    """The rules that are met, as they may leave the hub."""
    limits = await limits_of(work, pilot)
    met = [in_words(limits[one["rule"] - 1]) for one in checkpoint.readings if one.get("met")]
    return [*met, WRITTEN] if checkpoint.written_rule_met else met


async def _alert(work: UnitOfWork, pilot: Pilot, checkpoint: Checkpoint, rules: str) -> None:
    text = f"The pilot “{pilot.title}” is paused, and a stop rule is met still: {rules}."
    path = page_of(pilot, "checkpoints")
    key = f"pilot/{pilot.id}/breach/{checkpoint.number}"
    await tell_all(work, pilot, kind=NoticeKind.HALT, text=text, path=path, key=key)
    for party in await parties(work, pilot):
        if party.side is PilotSide.FORCE:
            await notify(
                work, kind=NoticeKind.HALT, organisation_id=party.organisation_id,
                roles=FORCE_ALERTED, text=text, path=path, key=key,
            )  # fmt: skip
    # Those outside read the pilot itself: its checkpoints are not theirs to see.
    await notify_role(
        work, kind=NoticeKind.HALT, roles=MARKET_ALERTED, text=text, path=f"/pilots/{pilot.id}",
        key=key,
    )  # fmt: skip
