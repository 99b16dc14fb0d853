"""Pilots: each walks the path to the state in which the story leaves it."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from innohub.market.evidence import service as evidence
from innohub.market.pilots.lapsing import REMINDERS
from innohub.market.pilots.models import PilotState
from innohub.market.pilots.register import GRACE
from innohub.market.pilots.results_due import REMINDERS as RESULT_REMINDERS
from innohub.market.working_days import add_working_days
from innohub.seed.records import on_day
from innohub.seed.telling.joining import joining_steps
from innohub.seed.telling.literature import record_trial
from innohub.seed.telling.pilot_verbs import VERBS, tend
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import AFTERNOON, DAWN, EVENING, MORNING, NOON, Step
from innohub.seed.trials import PilotTimeline, StoryPilot

COMMENT_WORKING_DAYS = 10
DAYS_UNTIL_LOCK = 60
"""Where the story names no day for the lock: how fast the steps before it go."""
DAYS_TO_CHOOSE = 2
DAYS_UNTIL_TOLD = 20
"""From the start, of a pilot that still runs."""

_S = PilotState
_ASKED = ("request", "choose")
_AGREED = (*_ASKED, "accept", "approve")
_LOCKED = (*_AGREED, "propose_protocol", "sign_assurance", "lock")
_RUN = (*_LOCKED, "start")
_REPORTED = (*_RUN, "finish", "record", "compute", "confirm", "tell")
PATHS: dict[PilotState, tuple[str, ...]] = {
    _S.PROPOSED: ("propose",),
    _S.OVERLAP_REVIEW: ("request",),
    _S.DECLINED: ("request", "decline"),
    _S.SCOPING: (*_ASKED, "accept"),
    _S.LAPSED: (*_ASKED, "remind", "remind_again", "escalate", "lapse"),
    _S.ASSURANCE: _AGREED,
    _S.PROTOCOL_LOCKED: _LOCKED,
    _S.RUNNING: (*_RUN, "tell"),
    _S.PAUSED: (*_RUN, "pause"),
    _S.STOPPED: (*_RUN, "record", "stop"),
    _S.ANALYSING: (*_RUN, "finish"),
    _S.REPORTED: _REPORTED,
    _S.DECIDED: (*_REPORTED, "appraise", "decide"),
    _S.PUBLISHED: (*_REPORTED, "appraise", "decide"),
}
"""The verbs that lead to each state. The hub itself publishes."""
SAID = {
    "propose": "is proposed", "request": "is requested", "choose": "is set beside its like",
    "accept": "is accepted", "decline": "is declined", "approve": "is approved",
    "propose_protocol": "has a protocol", "sign_assurance": "is assured", "lock": "is locked",
    "start": "starts", "pause": "is paused", "stop": "is stopped", "finish": "ends",
    "record": "has figures", "compute": "has a result", "confirm": "is reported",
    "tell": "is told of by its sites", "appraise": "is appraised", "decide": "is decided",
    "lapse": "lapses",
    "remind": "is reminded of", "remind_again": "is reminded of again",
    "escalate": "is put before its owner",
}  # fmt: skip


def pilot_steps(stage: Stage, pilot: StoryPilot) -> Iterator[Step]:
    """Everything that happens to the pilot until its state in the story."""
    if pilot.literature is not None:
        day = pilot.timeline.published_day or 0
        what = f"“{pilot.title}” is entered from the literature"
        yield Step(day + MORNING, what, partial(record_trial, stage, pilot))
        return
    moments = moments_of(pilot)
    for verb in PATHS[pilot.state]:
        if verb == "choose" and pilot.overlap is None:
            continue
        if verb == "appraise" and pilot.appraisal is None:
            continue
        if verb == "tell" and not stage.story.told_of(pilot.slug):
            continue
        what = f"“{pilot.title}” {SAID[verb]}"
        yield Step(moments[verb], what, partial(VERBS[verb], stage, pilot))
    lock = pilot.timeline.locked_day or pilot.timeline.requested_day + DAYS_UNTIL_LOCK
    yield from joining_steps(stage, pilot, moments["approve"], lock)
    yield from _reminders(stage, pilot)
    yield from publishing_steps(stage, pilot)


def publishing_steps(stage: Stage, pilot: StoryPilot) -> Iterator[Step]:
    """The hub publishes the result, once the supplier's time for comment is over."""
    if pilot.state is PilotState.PUBLISHED:
        at = _comment_over(pilot.timeline, stage.clock.today) + DAWN
        yield Step(at, "Results are published", partial(evidence.publish_due, stage.database))


def _reminders(stage: Stage, pilot: StoryPilot) -> Iterator[Step]:
    """The hub reminds of the result that a pilot owes, at the dawn of each day that asks for it."""
    days = pilot.timeline
    if days.locked_day is None or days.result_due_day is None:
        return
    until = min(day for day in (days.closed_day, days.reported_day, 0) if day is not None)
    for left in (*RESULT_REMINDERS.values(), -(GRACE.days + 1)):
        day = days.result_due_day - left
        if days.locked_day < day < until:
            what = f"“{pilot.title}” is reminded of its result"
            yield Step(day + DAWN, what, partial(tend, stage, pilot))


def moments_of(pilot: StoryPilot) -> dict[str, float]:
    """When each of its verbs is due, in days from the day of the telling."""
    days = pilot.timeline
    asked = days.requested_day
    before_lock = (days.locked_day or asked + DAYS_UNTIL_LOCK) - asked
    at: dict[str, float] = {
        "propose": asked + MORNING,
        "request": asked + MORNING,
        "choose": asked + DAYS_TO_CHOOSE + AFTERNOON,
    }
    idle_from = at["choose" if pilot.overlap else "request"]
    at |= {verb: idle_from + days for verb, days in REMINDERS.items()}
    for part, verb in enumerate(("accept", "approve", "propose_protocol", "sign_assurance"), 1):
        at[verb] = asked + before_lock * part // 5 + NOON
    if days.locked_day is not None:
        at["lock"] = days.locked_day + AFTERNOON
    if days.starts_day is not None:
        at["start"] = days.starts_day + MORNING
        at["tell"] = days.starts_day + DAYS_UNTIL_TOLD + EVENING
    if days.ends_day is not None:
        at["finish"] = days.ends_day + EVENING
    if days.closed_day is not None:
        at["record"] = days.closed_day - 1 + NOON
        at |= dict.fromkeys(("decline", "pause", "stop", "lapse"), days.closed_day + NOON)
    if days.reported_day is not None:
        at["record"] = days.reported_day - 2 + MORNING
        at["compute"] = days.reported_day - 1 + MORNING
        at["confirm"] = days.reported_day + NOON
        at["tell"] = days.reported_day + AFTERNOON
    if days.decided_day is not None:
        at["appraise"] = days.decided_day + MORNING
        at["decide"] = days.decided_day + NOON
    return at


def _comment_over(days: PilotTimeline, today: date) -> int:
    """The first day after the supplier's time for comment."""
    reported = on_day(today, days.reported_day or 0)
    return (add_working_days(reported, COMMENT_WORKING_DAYS) - today).days + 1
