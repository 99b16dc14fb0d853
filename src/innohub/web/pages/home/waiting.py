"""What waits for whom: the next step of a pilot or a listing that is the reader's to take."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots.models import PilotState
from innohub.web.pages.home.rounds import of_rounds
from innohub.web.pages.home.shared import due, of_joined
from innohub.web.pages.home.task import Row, Task
from innohub.web.wording import day, plural


@dataclass(frozen=True)
class Duty:
    """A step that one permission carries, while a pilot stands in one state."""

    state: PilotState
    permission: Permission
    words: str
    open: Callable[[Row, date], bool] = lambda pilot, today: True


S, P = PilotState, Permission
HELD = frozenset({"DECLARED", "EVIDENCE_UPLOADED", "VERIFIED"})
"""Renewals that an officer looks at, or has verified."""
OF_FORCES = (
    Duty(S.OVERLAP_REVIEW, P.PILOT_REQUEST, "Look at the pilots like it, and choose"),
    Duty(
        S.SCOPING,
        P.PILOT_APPROVE,
        "Approve the scope: the supplier accepted",
        lambda pilot, _: pilot["supplierAcceptedAt"] is not None,
    ),
    Duty(
        S.ASSURANCE,
        P.PILOT_ASSURE,
        "Sign the assurance",
        lambda pilot, _: pilot["assuredAt"] is None,
    ),
    Duty(
        S.ASSURANCE,
        P.PROTOCOL_PROPOSE,
        "Write the protocol",
        lambda pilot, _: pilot["protocol"] is None or bool(pilot["protocol"]["unanswered"]),
    ),
    Duty(
        S.ASSURANCE,
        P.PROTOCOL_CONFIRM,
        "Read the protocol, and lock it",
        lambda pilot, _: (
            pilot["protocol"] is not None
            and not pilot["protocol"]["unanswered"]
            and pilot["assuredAt"] is not None
        ),
    ),
    Duty(S.PROTOCOL_LOCKED, P.PILOT_RUN, "Start it"),
    Duty(
        S.RUNNING,
        P.PILOT_RUN,
        "Its planned end has come: finish it",
        lambda pilot, today: date.fromisoformat(str(pilot["endOn"])) <= today,
    ),
    Duty(
        S.ANALYSING,
        P.RESULT_RECORD,
        "Record the results",
        lambda pilot, _: pilot["result"] is None,
    ),
    Duty(
        S.ANALYSING,
        P.RESULT_CONFIRM,
        "Confirm the result as the second analyst",
        lambda pilot, _: pilot["result"] is not None and pilot["result"]["confirmedAt"] is None,
    ),
    Duty(S.REPORTED, P.PILOT_DECIDE, "Decide what follows from the result"),
    Duty(
        S.PUBLISHED,
        P.RATING_CREATE,
        "Rate the technology",
        lambda pilot, _: pilot["force"] not in [rating["force"] for rating in pilot["ratings"]],
    ),
)
OF_SUPPLIERS = (
    Duty(
        S.SCOPING,
        P.PILOT_RESPOND,
        "Accept or decline the request",
        lambda pilot, _: pilot["supplierAcceptedAt"] is None,
    ),
    Duty(
        S.REPORTED,
        P.PILOT_RESPOND,
        "Comment on the facts of the result",
        lambda pilot, _: pilot["supplierAnsweredAt"] is None,
    ),
    Duty(
        S.DECIDED,
        P.PILOT_RESPOND,
        "Comment on the facts of the result",
        lambda pilot, _: pilot["supplierAnsweredAt"] is None,
    ),
)
WATCHED = {
    "force": sorted({duty.state.name for duty in OF_FORCES}),
    "supplier": sorted({duty.state.name for duty in OF_SUPPLIERS}),
}
"""States in which a pilot can wait for somebody, in GraphQL's names."""


def tasks(actor: Actor, data: Mapping[str, Any], today: date) -> list[Task]:
    """The steps that wait for the actor: decisions first, then pilots."""
    found = [
        *_of_leadership(data.get("decisions")),
        *_of_pilots(actor, data.get("force"), OF_FORCES, today),
        *_of_pilots(actor, data.get("supplier"), OF_SUPPLIERS, today),
        *_of_shared(actor, data, today),
    ]
    for listing in (data.get("listings") or {"nodes": []})["nodes"]:
        words = _of_listing(actor, listing["state"])
        if words:
            address = f"/listings/{listing['slug']}"
            found.append(Task(address, listing["name"], words, listing["supplier"]["name"]))
    rounds = of_rounds(actor, (data.get("rounds") or {"nodes": []})["nodes"])
    return [*found, *_of_assurance(data), *_of_kpis(data.get("proposedKpis")), *rounds]


def _of_leadership(waiting: Any) -> Iterator[Task]:
    """All that waits to be decided, as one line: its own page has them by urgency."""
    if waiting and waiting["totalCount"]:
        first = waiting["nodes"][0]
        name = plural(waiting["totalCount"], "decision")
        about = f"the first by {day(first['dueOn'])}: {first['line']}"
        yield Task("/decisions", name, "Decide for your force", about)


def _of_kpis(proposed: Any) -> Iterator[Task]:
    if proposed and proposed["totalCount"]:
        name = plural(proposed["totalCount"], "KPI")
        yield Task("/kpis", name, "Judge what forces propose", proposed["nodes"][0]["name"])


def _of_pilots(
    actor: Actor, connection: Any, duties: tuple[Duty, ...], today: date
) -> Iterator[Task]:
    for pilot in connection["nodes"] if connection else ():
        for duty in duties:
            if duty.state.name != pilot["state"] or not actor.may(duty.permission):
                continue
            if duty.open(pilot, today):
                about = pilot["technology"]["name"]
                yield Task(f"/pilots/{pilot['number']}", pilot["title"], duty.words, about)


def _of_shared(actor: Actor, data: Mapping[str, Any], today: date) -> Iterator[Task]:
    pilots = [
        pilot
        for name in ("forceWork", "supplierWork")
        for pilot in (data.get(name) or {"nodes": []})["nodes"]
    ]
    for pilot in pilots:
        yield from of_joined(actor, pilot)
    for pilot in pilots:
        yield from due(actor, pilot, today)


def _of_assurance(data: Mapping[str, Any]) -> Iterator[Task]:
    """The officer's queue as one line, and each item that its supplier has to renew."""
    unjudged = data.get("unjudged")
    if unjudged and unjudged["totalCount"]:
        oldest = unjudged["nodes"][0]
        yield Task(
            "/assurance",
            plural(unjudged["totalCount"], "item"),
            "Judge the assurance that was declared",
            f"the oldest: {oldest['label']} of {oldest['technology']['name']}",
        )
    for item in (data.get("expiring") or {"nodes": []})["nodes"]:
        if not any(renewal["status"] in HELD for renewal in item["renewals"]["nodes"]):
            about = f"{item['technology']['name']}, to {day(item['expiresOn'])}"
            yield Task(f"/assurance/{item['number']}", item["label"], "Renew the assurance", about)


def _of_listing(actor: Actor, state: str) -> str | None:
    if state == "IN_REVIEW" and actor.may(P.LISTING_REVIEW):
        return "Review the listing"
    if state == "CHANGES_REQUESTED" and actor.may(P.LISTING_EDIT):
        return "Make the changes that the reviewer asked for"
    return None
