"""What the assurance passport leaves open, as tasks that come and go by themselves.

Where nothing is verified that a reviewer of the force could accept, the supplier is asked for it.
Where something is, and the force has not accepted it, its reviewer answers it or assesses it. A
gate that the passport covers, or that is signed, asks for nothing.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import SYSTEM
from innohub.market.assurance import service as assurance
from innohub.market.pilots import gates
from innohub.market.pilots.models import Pilot, PilotState, TurnKind
from innohub.market.pilots.participants import name_of, taking_part
from innohub.market.pilots.timeline import note
from innohub.market.pilots.together.models import TASK, PilotSide, PilotTask, TaskState
from innohub.market.pilots.together.people import Party, page_of, tell
from innohub.market.pilots.turns import WORKING_DAYS
from innohub.market.working_days import add_working_days, in_words, london_date

KEYS = "passport:"
"""How the keys of these tasks begin."""


@dataclass(frozen=True)
class Open:
    """One thing that the passport leaves open."""

    key: str
    party: Party
    title: str
    detail: str


async def keep(work: UnitOfWork, pilot: Pilot) -> None:
    """Bring these tasks of the pilot, whose row is locked, up to date.

    Each is made once, due when the reviewers' signatures are; one that somebody did by hand is not
    made again. From the lock on there is none.
    """
    found = [one async for one in _left_open(work, pilot)]
    stored = await work.session.scalars(
        select(PilotTask).where(
            PilotTask.pilot_id == pilot.id, PilotTask.key.startswith(KEYS, autoescape=True)
        )
    )
    known = {str(task.key): task for task in stored}
    wanted = {one.key: one for one in found}
    over = [t for key, t in known.items() if key not in wanted and t.state is not TaskState.DONE]
    await _close(work, pilot, over)
    await _make(work, pilot, [one for key, one in wanted.items() if key not in known])


async def _left_open(work: UnitOfWork, pilot: Pilot) -> AsyncIterator[Open]:
    """In the order of the forces and of their reviewers; what the supplier is asked for, once."""
    if pilot.state is not PilotState.ASSURANCE or pilot.force_id is None:
        return
    asked = set[str]()
    joined = [f.force_id for f in await taking_part(work, pilot) if f.approved_at is not None]
    for force_id in [pilot.force_id, *joined]:
        rows = await gates.of_force(work, pilot, force_id)
        signed = {gate.reviewer for gate in rows if gate.signed_at is not None}
        for gate in await assurance.missing(work, pilot.technology_id, force_id):
            if gate.id in signed or gate.id in asked:
                continue
            if not gate.verified:
                asked.add(gate.id)
            yield await _asking(work, pilot, gate, force_id)


async def _asking(work: UnitOfWork, pilot: Pilot, gate: assurance.Gate, force_id: int) -> Open:
    reviewer = gate.label.lower()
    if gate.verified:
        held = await _labels(work, gate.verified)
        return Open(
            f"{KEYS}{gate.id}:{force_id}",
            Party(PilotSide.FORCE, force_id),
            f"{await name_of(work, force_id)}: {reviewer} answers the passport, or assesses",
            f"Verified for every force: {held}. Accept it, with an addendum where something is "
            "your own; or assess it yourselves and sign.",
        )
    return Open(
        f"{KEYS}{gate.id}",
        Party(PilotSide.SUPPLIER, pilot.supplier_id),
        f"Complete the passport for the {reviewer}",
        "Nothing in the passport is verified that could stand in for the assessment of the force’s "
        f"{reviewer}. Any one of these can: {await _labels(work, gate.accepts)}.",
    )


async def _labels(work: UnitOfWork, types: Sequence[str]) -> str:
    return "; ".join([await assurance.label_of(work, type_) for type_ in types])


async def _make(work: UnitOfWork, pilot: Pilot, found: Sequence[Open]) -> None:
    if not found:
        return
    due_on = add_working_days(london_date(work.now), WORKING_DAYS[TurnKind.SIGN_ASSURANCE])
    work.session.add_all(
        PilotTask(
            pilot_id=pilot.id,
            title=one.title,
            detail=one.detail,
            side=one.party.side,
            force_id=one.party.force_id,
            due_on=due_on,
            state=TaskState.OPEN,
            made_by=SYSTEM.name,
            key=one.key,
            changed_at=work.now,
            created_at=work.now,
        )
        for one in found
    )
    await _noted(work, pilot, "add_passport_tasks", [one.title for one in found])
    for party, count in Counter(one.party for one in found).items():
        things = "one thing" if count == 1 else f"{count} things"
        await tell(
            work,
            party,
            text=f"The passport leaves {things} open for “{pilot.title}”, due on "
            f"{in_words(due_on)}.",
            path=page_of(pilot, "tasks"),
            key=f"pilot/{pilot.id}/passport/{found[0].key}",
        )


async def _close(work: UnitOfWork, pilot: Pilot, tasks: Sequence[PilotTask]) -> None:
    for task in tasks:
        task.state = TASK.after("complete", task.state)
        task.done_at, task.done_by, task.changed_at = work.now, SYSTEM.name, work.now
    if tasks:
        await _noted(work, pilot, "close_passport_tasks", [task.title for task in tasks])


async def _noted(work: UnitOfWork, pilot: Pilot, verb: str, titles: Sequence[str]) -> None:
    await work.session.flush()
    reason = "; ".join(titles)
    await note(work, SYSTEM, pilot, verb, before=pilot.state, reason=reason)
