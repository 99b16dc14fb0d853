"""A pilot's life so far: every step for those inside, the public dates for everybody else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from innohub.web.wording import words

Row = Mapping[str, Any]

VERBS = {
    "propose": "Proposed",
    "request": "Requested",
    "review_overlap": "Compared with the pilots before it",
    "scope": "Sent on to be scoped",
    "set_costs": "Costs recorded",
    "accept": "Accepted by the supplier",
    "decline": "Declined",
    "approve": "Scope approved",
    "join": "A force joined",
    "approve_joining": "A joined force approved",
    "leave": "A joined force left",
    "leave_out": "A joined force was left out",
    "add_site": "Site added",
    "remove_site": "Site removed",
    "sign_assurance": "Assurance signed",
    "propose_protocol": "Protocol written",
    "add_outcome": "KPI registered",
    "remove_outcome": "KPI taken off the protocol",
    "lock_protocol": "Protocol locked",
    "start": "Started",
    "pause": "Paused",
    "agree_continuation": "Agreed how it goes on without the listing",
    "agree_to_resume": "Agreed that it may go on",
    "resume": "Resumed",
    "explain_overdue": "Explained why the result is overdue",
    "finish": "Ended",
    "stop": "Stopped early",
    "analyse_stopped": "Taken on to its analysis",
    "record_data": "Trial data recorded",
    "record_site_data": "A joined force recorded trial data",
    "record_outcome_data": "Data of a further KPI recorded",
    "compute_result": "Result computed",
    "appraise": "Cost and benefit appraised",
    "record_emmie": "A site told what it saw",
    "report": "Result confirmed and reported",
    "comment": "Supplier answered",
    "decide": "Decided",
    "publish": "Result published",
    "remind": "Reminded: nothing had moved for 30 days",
    "remind_again": "Reminded again: nothing had moved for 60 days",
    "escalate": "Put before the senior responsible owner",
    "lapse": "Lapsed",
    "remind_of_result": "Reminded: the result is due within 30 days",
    "remind_of_result_again": "Reminded again: the result is due within 7 days",
    "result_due": "The result is due",
    "result_overdue": "Called unreported: no result 30 days after it was due",
    "add_task": "Task given",
    "change_task": "Task changed",
    "complete_task": "Task done",
    "reopen_task": "Task opened again",
    "take_over_task": "Task taken over from a force that left",
    "add_passport_tasks": "Tasks given for what the passport leaves open",
    "close_passport_tasks": "Tasks closed: the passport covers it, or it is signed",
    "follow_passport": "Gates set as the passport stands",
    "record_checkpoint": "Checkpoint recorded",
    "stop_rule_breached": "Stop rule met",
    "add_document": "Document added",
    "withdraw_document": "Document withdrawn",
    "take_down_document": "Document taken down",
    "enter_literature": "Entered from the literature",
}


EVERYDAY = frozenset(
    {
        "add_task", "change_task", "complete_task", "reopen_task", "take_over_task",
        "add_document", "withdraw_document", "add_passport_tasks", "close_passport_tasks",
        "remind_of_result", "remind_of_result_again",
    }
)  # fmt: skip
"""Told on the timeline's own page, and left out where only the milestones are."""


@dataclass(frozen=True)
class Moment:
    """What happened, on a day or at a moment. `planned` for what lies ahead."""

    at: Any
    words: str
    by: str = ""
    reason: str | None = None
    planned: bool = False


def moments(pilot: Row, today: date) -> list[Moment]:
    """The oldest first."""
    if pilot["steps"]["nodes"]:
        return [_of_step(step) for step in pilot["steps"]["nodes"]]
    return sorted(_public(pilot, today), key=lambda moment: str(moment.at)[:10])


def every_moment(pilot: Row, steps: Sequence[Row]) -> list[Moment]:
    """All steps, and the versions of the listing that came after the one piloted; the newest
    first."""
    found = [_of_step(step) for step in steps]
    piloted = pilot["version"]["number"] if pilot["version"] else "another"
    for version in pilot["newerVersions"]["nodes"]:
        at = version["reviewedAt"] or version["submittedAt"]
        reason = f"Version {version['number']} was approved. The pilot is of version {piloted}."
        found.append(Moment(at, "The listing changed", reason=reason))
    found += [_of_note(note, pilot) for note in reversed(pilot["supplierNotes"]["nodes"])]
    # Turned round first: what came later in one and the same moment stays before it.
    found.reverse()
    return sorted(found, key=lambda moment: str(moment.at), reverse=True)


def _of_step(step: Row) -> Moment:
    told = VERBS.get(step["verb"], words(step["verb"]))
    return Moment(step["at"], told, step["byName"], step["reason"])


def _of_note(note: Row, pilot: Row) -> Moment:
    """What the supplier's own system told stands where it came in, and says whose it is."""
    told = f"From the system of {pilot['supplier']['name']}"
    words = f"{told}: {note['status']}" if note["status"] else told
    return Moment(note["receivedAt"], words, note["byName"] or "", note["body"])


def _public(pilot: Row, today: date) -> Iterator[Moment]:
    protocol = pilot["protocol"]
    locked = protocol["lockedAt"] if protocol else None
    if pilot["citation"]:
        yield _of_day(pilot["startOn"], "Trial began", today)
        yield _of_day(pilot["endOn"], "Trial ended", today)
        yield Moment(pilot["publishedAt"], "Entered from the literature")
        return
    yield Moment(pilot["requestedAt"], "Requested")
    if locked:
        yield Moment(locked, "Protocol locked")
    if pilot["state"] not in {"DECLINED", "LAPSED"}:
        yield _of_day(pilot["startOn"], "Planned start", today)
        yield _of_day(pilot["endOn"], "Planned end", today)
    if locked and not pilot["publishedAt"]:
        yield _of_day(protocol["resultDueOn"], "Result due", today)
    if pilot["publishedAt"]:
        yield Moment(pilot["publishedAt"], "Result published")


def _of_day(day: Any, words_: str, today: date) -> Moment:
    return Moment(day, words_, planned=date.fromisoformat(str(day)) > today)
