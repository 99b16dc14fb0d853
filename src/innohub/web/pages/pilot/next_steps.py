"""What happens next with a pilot, and who has to see to it: in words for everybody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from innohub.market.pilots.models import PilotState as S
from innohub.web.pages.pilot.standing import Row, Standing, open_gates
from innohub.web.wording import day

OF_THE_RESULT = ("RECORD_DATA", "COMPUTE_RESULT", "CONFIRM_RESULT")


@dataclass(frozen=True)
class Next:
    """One thing to be done. `who` is empty where it happens by itself."""

    words: str
    who: str = ""
    turns: tuple[str, ...] = ()
    """The kinds of turn that it stands for."""
    due_on: date | None = None
    """The last day in time, as the clock of whoever it waits for says."""

    def overdue(self, today: date) -> bool:
        return self.due_on is not None and self.due_on < today


def next_steps(pilot: Row, standing: Standing, today: date) -> list[Next]:
    """All that the pilot waits for now, as far as the reader may know; nothing for one that is
    over."""
    if pilot["force"] is None:
        return []
    state = S[pilot["state"]]
    told = _TOLD_OUTSIDE if not standing.is_inside else {}
    found = list(told.get(state, _OF_STATE[state])(pilot)) + _overdue(pilot, today)
    return [replace(one, due_on=_due_on(pilot, one)) for one in found]


def _due_on(pilot: Row, one: Next) -> date | None:
    """The day of the turn; the reader who may not see whose turn it is sees no day."""
    days = [str(turn["dueOn"]) for turn in pilot["turns"] if turn["kind"] in one.turns]
    return date.fromisoformat(min(days)) if days else None


def _overdue(pilot: Row, today: date) -> list[Next]:
    protocol = pilot["protocol"]
    over = {S.PUBLISHED.name, S.DECLINED.name, S.LAPSED.name}
    if not protocol or not protocol["lockedAt"] or pilot["state"] in over:
        return []
    due = date.fromisoformat(str(protocol["resultDueOn"]))
    words = f"The result was due on {day(due)} and is overdue."
    return [Next(words, _of_force(pilot, "analysts"))] if due < today else []


def _of_force(pilot: Row, role: str) -> str:
    name = pilot["force"]["name"]
    return f"{name}: {role}"


def _force(pilot: Row) -> str:
    return str(pilot["force"]["name"])


def _supplier(pilot: Row) -> str:
    return str(pilot["supplier"]["name"])


def _proposed(pilot: Row) -> Iterator[Next]:
    yield Next("Request the pilot, or leave it.", _of_force(pilot, "innovation lead"), ("REQUEST",))


def _overlap_review(pilot: Row) -> Iterator[Next]:
    words = "Say what the pilots like it mean for this one."
    yield Next(words, _of_force(pilot, "innovation lead"), ("CHOOSE_OVERLAP",))


def _scoping(pilot: Row) -> Iterator[Next]:
    costs = pilot["costs"]
    if costs is None:
        yield Next("Say what the pilot costs.", _of_force(pilot, "innovation lead"))
    elif costs["overThreshold"] and not costs["route"]:
        words = "Record the lawful route: the costs reach the procurement threshold."
        yield Next(words, _of_force(pilot, "innovation lead"))
    if pilot["supplierAcceptedAt"] is None:
        yield Next("Accept or decline the request.", _supplier(pilot), ("ANSWER_REQUEST",))
    else:
        owner = _of_force(pilot, "senior responsible owner")
        yield Next("Approve the scope and the dates.", owner, ("APPROVE_SCOPE",))
    yield from _joined(pilot)


def _assurance(pilot: Row) -> Iterator[Next]:
    signed = pilot["assuredAt"] is not None
    if not signed:
        open_ = [g["label"] for g in open_gates(pilot) if g["force"]["name"] == _force(pilot)]
        who = ", ".join(open_) or "assurance reviewers"
        yield Next("Sign the assurance.", _of_force(pilot, who), ("SIGN_ASSURANCE",))
    yield from _joined(pilot)
    if pilot["protocol"] is None or pilot["protocol"]["unanswered"]:
        yield Next("Write the protocol.", _of_force(pilot, "analyst"), ("WRITE_PROTOCOL",))
    elif signed:
        words = "Read the protocol and lock it, as a second person."
        second = _of_force(pilot, "second analyst, or an evaluation adviser")
        yield Next(words, second, ("LOCK_PROTOCOL",))


def _joined(pilot: Row) -> Iterator[Next]:
    """What joined forces owe before the lock."""
    for further in pilot["furtherForces"]:
        name = further["force"]["name"]
        if further["leftAt"]:
            continue
        if not further["approvedAt"]:
            owner = f"{name}: senior responsible owner"
            yield Next("Approve that your force takes part.", owner, ("APPROVE_JOINING",))
        elif not further["assuredAt"]:
            open_ = [g["label"] for g in open_gates(pilot) if g["force"]["name"] == name]
            who = ", ".join(open_) or "assurance reviewers"
            yield Next("Sign the assurance.", f"{name}: {who}", ("SIGN_ASSURANCE",))


def _protocol_locked(pilot: Row) -> Iterator[Next]:
    words = f"Start the pilot, planned for {day(pilot['startOn'])}."
    yield Next(words, _of_force(pilot, "innovation lead"), ("START",))


def _running(pilot: Row) -> Iterator[Next]:
    words = f"It runs until {day(pilot['endOn'])}; then it ends, and the results are recorded."
    yield Next(words, _of_force(pilot, "innovation lead, then an analyst"), ("FINISH",))


def _paused(pilot: Row) -> Iterator[Next]:
    if pilot["pausedBy"] not in (None, "FORCE") and pilot["resumeAgreedAt"] is None:
        words = "Agree that it may go on, once what paused it is cleared."
        yield Next(words, "The market's assurance officer", ("AGREE_TO_RESUME",))
    owner = _of_force(pilot, "senior responsible owner")
    yield Next("Go on with the pilot, or stop it.", owner, ("RESUME_OR_STOP",))


def _stopped(pilot: Row) -> Iterator[Next]:
    words = "Record what was found until it stopped: a stopped pilot is published, too."
    yield Next(words, _of_force(pilot, "analyst"), OF_THE_RESULT)
    yield from _data_of_joined(pilot)


def _analysing(pilot: Row) -> Iterator[Next]:
    result = pilot["result"]
    if result is not None and result["confirmedAt"] is None:
        words = "Reproduce the result and confirm it, as a second analyst."
        second = _of_force(pilot, "second analyst, or an evaluation adviser")
        yield Next(words, second, OF_THE_RESULT)
    elif pilot["datasets"]["nodes"]:
        words = "Compute the result from the recorded data."
        yield Next(words, _of_force(pilot, "analyst"), OF_THE_RESULT)
    else:
        words = "Record the results and compute the effect."
        yield Next(words, _of_force(pilot, "analyst"), OF_THE_RESULT)
    yield from _data_of_joined(pilot)


def _data_of_joined(pilot: Row) -> Iterator[Next]:
    for further in pilot["furtherForces"]:
        if not further["leftAt"] and not further["recordedAt"]:
            words = "Record the data of your force's own sites."
            yield Next(words, f"{further['force']['name']}: analyst", ("RECORD_DATA",))


def _reported(pilot: Row) -> Iterator[Next]:
    words = "Decide what follows from the result."
    if pilot["noDataReason"]:
        words = "Decide what follows: it was stopped before there was anything to analyse."
    owner = _of_force(pilot, "senior responsible owner or chief officer")
    yield Next(words, owner, ("DECIDE",))
    yield from _comment(pilot)


def _decided(pilot: Row) -> Iterator[Next]:
    yield from _comment(pilot)
    yield Next("The result is published once the time for comment is over.")


def _comment(pilot: Row) -> Iterator[Next]:
    if pilot["supplierAnsweredAt"] is None and pilot["commentDueOn"]:
        due = day(pilot["commentDueOn"])
        words = f"Comment on the facts by {due}, or say that there is no comment."
        yield Next(words, _supplier(pilot), ("COMMENT",))


def _published(pilot: Row) -> Iterator[Next]:
    rated = {rating["force"]["name"] for rating in pilot["ratings"]}
    joined = [f["force"]["name"] for f in pilot["furtherForces"] if not f["leftAt"]]
    for name in [_force(pilot), *joined]:
        if name not in rated:
            yield Next("Rate the technology.", f"{name}: innovation lead")


def _assurance_outside(pilot: Row) -> Iterator[Next]:
    if pilot["assuredAt"] is None:
        yield Next("Sign the assurance.", _of_force(pilot, "assurance reviewers"))
    words = "Write the protocol, and have a second person lock it."
    yield Next(words, _of_force(pilot, "analysts"))


def _analysing_outside(pilot: Row) -> Iterator[Next]:
    due = pilot["protocol"] and pilot["protocol"]["resultDueOn"]
    words = "One analyst computes the result and a second reproduces it"
    words += f"; it is due on {day(due)}." if due else "."
    yield Next(words, _of_force(pilot, "analysts"))


def _over(pilot: Row) -> Iterator[Next]:
    return iter(())


_OF_STATE: dict[S, Callable[[Row], Iterator[Next]]] = {
    S.PROPOSED: _proposed,
    S.OVERLAP_REVIEW: _overlap_review,
    S.SCOPING: _scoping,
    S.ASSURANCE: _assurance,
    S.PROTOCOL_LOCKED: _protocol_locked,
    S.RUNNING: _running,
    S.PAUSED: _paused,
    S.STOPPED: _stopped,
    S.ANALYSING: _analysing,
    S.REPORTED: _reported,
    S.DECIDED: _decided,
    S.PUBLISHED: _published,
    S.DECLINED: _over,
    S.LAPSED: _over,
}
_TOLD_OUTSIDE = {S.ASSURANCE: _assurance_outside, S.ANALYSING: _analysing_outside}
"""Where drafts and data that only the parties see decide what comes next."""
