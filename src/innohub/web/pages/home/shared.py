"""What waits in pilots that several work on: the steps of a force that joined one, and the tasks
that are due."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots.joining import JOINABLE
from innohub.market.pilots.models import PilotState as S
from innohub.market.ratings.service import RATEABLE
from innohub.web.pages.home.task import Row, Task
from innohub.web.pages.pilot.standing import gates_to_sign, number_of
from innohub.web.pages.pilot.together import parties
from innohub.web.wording import day

LIVE = sorted(state.name for state in S if state not in {S.DECLINED, S.LAPSED})
"""States in which a pilot's people have something to do together, in GraphQL's names."""
SOON = timedelta(days=7)
P = Permission


@dataclass(frozen=True)
class DutyOfJoined:
    """A step that a force which joined a pilot owes it. `open` judges the pilot and what it knows
    of that force."""

    states: frozenset[S]
    permission: Permission
    words: str
    open: Callable[[Row, Row], bool]


def _gate_is_mine(pilot: Row, further: Row) -> bool:
    own = further["force"]["id"]
    return any(gate["force"]["id"] == own for gate in gates_to_sign(pilot))


OF_JOINED = (
    DutyOfJoined(
        JOINABLE,
        P.PILOT_APPROVE,
        "Approve that your force takes part",
        lambda _, further: further["approvedAt"] is None,
    ),
    DutyOfJoined(
        frozenset({S.ASSURANCE}),
        P.PILOT_ASSURE,
        "Sign the assurance",
        lambda pilot, further: (
            further["approvedAt"] is not None
            and further["assuredAt"] is None
            and _gate_is_mine(pilot, further)
        ),
    ),
    DutyOfJoined(
        frozenset({S.STOPPED, S.ANALYSING}),
        P.RESULT_RECORD,
        "Record the data of your force’s sites",
        lambda _, further: further["recordedAt"] is None,
    ),
    DutyOfJoined(
        frozenset(RATEABLE),
        P.RATING_CREATE,
        "Rate the technology",
        lambda pilot, further: (
            further["force"]["id"] not in [rating["force"]["id"] for rating in pilot["ratings"]]
        ),
    ),
)


def of_joined(actor: Actor, pilot: Row) -> Iterator[Task]:
    """The steps that the reader's force owes a pilot which it joined."""
    state = S[pilot["state"]]
    for further in pilot["furtherForces"]:
        force_id = number_of(further["force"])
        if further["leftAt"] or force_id is None:
            continue
        for duty in OF_JOINED:
            owed = state in duty.states and actor.may(duty.permission, force_id)
            if owed and duty.open(pilot, further):
                address = f"/pilots/{pilot['number']}"
                yield Task(address, pilot["title"], duty.words, pilot["technology"]["name"])


def due(actor: Actor, pilot: Row, today: date) -> Iterator[Task]:
    """The tasks of the reader's own organisation that are late or due within seven days, but those
    that a colleague has."""
    own = [party for party in parties(actor, pilot) if party.own]
    me = None if actor.person_id is None else identifiers.encode("Person", actor.person_id)
    for task in pilot["tasks"]["nodes"]:
        day_due = date.fromisoformat(str(task["dueOn"]))
        if task["state"] == "DONE" or day_due > today + SOON:
            continue
        mine = not task["ownerName"] or bool(task["owner"] and task["owner"]["id"] == me)
        if mine and any(party.is_of(task) for party in own):
            late = "A task is overdue since" if day_due < today else "Do a task by"
            address = f"/pilots/{pilot['number']}/tasks"
            yield Task(address, task["title"], f"{late} {day(day_due)}", pilot["title"])
