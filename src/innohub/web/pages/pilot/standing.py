"""What the reader is to a pilot, and which of its steps are theirs to take now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.evidence.recording import RECORDED_IN
from innohub.market.pilots.joining import JOINABLE
from innohub.market.pilots.models import PilotState as S
from innohub.market.pilots.procurement import COSTED_IN
from innohub.market.pilots.protocols import DRAFTED_IN
from innohub.market.pilots.reporting import COMMENTED_IN
from innohub.market.pilots.sites import PLANNED_IN
from innohub.market.ratings.service import RATEABLE

OVER = {S.PUBLISHED, S.STOPPED, S.DECLINED, S.LAPSED}
Row = Mapping[str, Any]
P = Permission


@dataclass(frozen=True)
class Standing:
    """The reader against one pilot; its force is None for a trial from the literature."""

    actor: Actor
    force_id: int | None
    supplier_id: int | None
    joined: frozenset[int] = frozenset()
    """The further forces that take part."""

    @classmethod
    def of(cls, actor: Actor, pilot: Row) -> "Standing":
        """`pilot` has its force and supplier with their global ids, and where the page is about
        them, its further forces."""
        further = (number_of(f["force"]) for f in pilot.get("furtherForces", ()) if not f["leftAt"])
        joined = frozenset(id for id in further if id is not None)
        return cls(actor, number_of(pilot["force"]), number_of(pilot["supplier"]), joined)

    def in_joined(self, permission: P) -> list[int]:
        """The further forces for which the reader holds the permission."""
        return sorted(self.joined & set(self.actor.with_permission(permission)))

    def could_join(self) -> list[int]:
        """Forces of the reader's that take no part yet, where they may ask for a pilot."""
        own = set(self.actor.with_permission(P.PILOT_REQUEST))
        return sorted(own - self.joined - {self.force_id})

    def in_force(self, permission: P) -> bool:
        return self.force_id is not None and self.actor.may(permission, self.force_id)

    def at_supplier(self, permission: P) -> bool:
        return self.supplier_id is not None and self.actor.may(permission, self.supplier_id)

    @property
    def oversees(self) -> bool:
        """Whether the reader may pause any force's pilot, for the company."""
        return any(
            seat.kind is OrganisationKind.COMPANY and P.PILOT_PAUSE in seat.permissions
            for seat in self.actor.seats
        )

    @property
    def advises(self) -> bool:
        return self.force_id is not None and self.actor.may(P.PILOT_ADVISE)

    @property
    def is_inside(self) -> bool:
        """Whether drafts and data of the force are theirs to see."""
        return self.in_force(P.PILOT_READ) or bool(self.in_joined(P.PILOT_READ)) or self.advises

    @property
    def reads_data(self) -> bool:
        """Whether the trial data are theirs to see."""
        forces = self.in_force(P.RESULT_READ) or bool(self.in_joined(P.RESULT_READ))
        return self.force_id is None or forces or self.advises

    def forces(self, permission: P) -> list[int]:
        """The forces of this pilot for which the reader holds the permission."""
        own = [self.force_id] if self.force_id and self.in_force(permission) else []
        return own + self.in_joined(permission)


def open_steps(pilot: Row, standing: Standing, today: date) -> frozenset[str]:
    """The names of the steps that the reader may take now, and of the pages they may work on."""
    if standing.force_id is None:
        return frozenset()
    state = S[pilot["state"]]
    found = {
        **_before(pilot, standing, state),
        **_while_running(pilot, standing, state, today),
        **_afterwards(pilot, standing, state, today),
    }
    return frozenset(name for name, open_ in found.items() if open_)


def took(pilot: Row, verb: str) -> str | None:
    """Who took the step last, where the reader may know."""
    return next((s["byName"] for s in reversed(pilot["steps"]["nodes"]) if s["verb"] == verb), None)


def _before(pilot: Row, who: Standing, state: S) -> dict[str, bool]:
    accepted = pilot["supplierAcceptedAt"] is not None
    refuses = who.at_supplier(P.PILOT_RESPOND) or who.in_force(P.PILOT_APPROVE)
    advised = who.in_force(P.PROTOCOL_CONFIRM) or who.advises
    return {
        "check_overlap": state is S.PROPOSED and who.in_force(P.PILOT_REQUEST),
        "choose": state is S.OVERLAP_REVIEW and who.in_force(P.PILOT_REQUEST),
        "accept": state is S.SCOPING and not accepted and who.at_supplier(P.PILOT_RESPOND),
        "set_costs": state in COSTED_IN
        and (who.in_force(P.PILOT_REQUEST) or who.in_force(P.PILOT_APPROVE)),
        "approve": state is S.SCOPING and accepted and who.in_force(P.PILOT_APPROVE),
        "decline": state in {S.OVERLAP_REVIEW, S.SCOPING} and refuses,
        "sign": state is S.ASSURANCE and bool(gates_to_sign(pilot)),
        **_of_forces(pilot, who, state),
        "protocol": state in DRAFTED_IN and who.in_force(P.PROTOCOL_PROPOSE),
        "lock": state is S.ASSURANCE and pilot["protocol"] is not None and advised,
        "start": state is S.PROTOCOL_LOCKED and who.in_force(P.PILOT_RUN),
    }


def gates_to_sign(pilot: Row) -> list[Row]:
    """The gates that wait for the reader's own signature."""
    return [gate for gate in open_gates(pilot) if gate["mine"]]


def open_gates(pilot: Row) -> list[Row]:
    """The gates that wait for a signature, of forces that take part."""
    left = {f["force"]["name"] for f in pilot.get("furtherForces", ()) if f["leftAt"]}
    return [
        gate
        for gate in pilot.get("gates", ())
        if not gate["coveredBy"] and not gate["signedAt"] and gate["force"]["name"] not in left
    ]


def _of_forces(pilot: Row, who: Standing, state: S) -> dict[str, bool]:
    """Steps of a force that joins, or of any that names its sites."""
    waiting = {
        number_of(further["force"])
        for further in pilot.get("furtherForces", ())
        if not further["approvedAt"] and not further["leftAt"]
    }
    joined = [*who.in_joined(P.PILOT_REQUEST), *who.in_joined(P.PILOT_APPROVE)]
    plans = who.in_force(P.PILOT_REQUEST) or bool(who.in_joined(P.PILOT_REQUEST))
    return {
        "join": state in JOINABLE and bool(who.could_join()),
        "approve_joining": state in JOINABLE and bool(waiting & set(joined) & _owned(who)),
        "leave": state in JOINABLE and bool(joined),
        "sites": state in PLANNED_IN and plans,
    }


def _owned(who: Standing) -> set[int]:
    return set(who.in_joined(P.PILOT_APPROVE))


def _while_running(pilot: Row, who: Standing, state: S, today: date) -> dict[str, bool]:
    early = today < date.fromisoformat(str(pilot["endOn"]))
    agreed = pilot["pausedBy"] == "FORCE" or pilot["resumeAgreedAt"] is not None
    return {
        "pause": state is S.RUNNING and (who.in_force(P.PILOT_PAUSE) or who.oversees),
        "agree": state is S.PAUSED and not agreed and who.oversees,
        "continue": state not in OVER
        and who.in_force(P.PILOT_APPROVE)
        and pilot["technology"] is not None
        and took(pilot, "agree_continuation") is None,
        "resume": state is S.PAUSED and agreed and who.in_force(P.PILOT_PAUSE),
        "stop": state in {S.RUNNING, S.PAUSED} and who.in_force(P.PILOT_PAUSE),
        "finish": state is S.RUNNING
        and who.in_force(P.PILOT_RUN)
        and (not early or who.in_force(P.PILOT_APPROVE)),
    }


def _afterwards(pilot: Row, who: Standing, state: S, today: date) -> dict[str, bool]:
    recorded = bool(pilot["datasets"]["nodes"])
    computed = pilot["result"] is not None
    due = pilot["commentDueOn"]
    in_time = due is None or today <= date.fromisoformat(str(due))
    rated = {number_of(rating["force"]) for rating in pilot["ratings"]}
    confirms = who.in_force(P.RESULT_CONFIRM) or who.advises
    return {
        "record": state in RECORDED_IN | {S.STOPPED} and bool(who.forces(P.RESULT_RECORD)),
        "report": state in {S.ANALYSING, S.STOPPED}
        and recorded
        and who.in_force(P.RESULT_RECORD)
        and who.actor.person_id is not None,
        "confirm": state is S.ANALYSING and computed and confirms,
        "decide": state is S.REPORTED and who.in_force(P.PILOT_DECIDE),
        "comment": state in COMMENTED_IN
        and pilot["supplierAnsweredAt"] is None
        and in_time
        and who.at_supplier(P.PILOT_RESPOND),
        "explain": bool(pilot.get("unreported"))
        and not pilot["overdueExplainedAt"]
        and who.in_force(P.PILOT_APPROVE),
        "rate": state in RATEABLE and bool(set(who.forces(P.RATING_CREATE)) - rated),
    }


def number_of(organisation: Row | None) -> int | None:
    """The id within the hub of an organisation that was read."""
    return identifiers.decode(organisation["id"])[1] if organisation else None
