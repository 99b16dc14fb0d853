"""The dates of pilots as an iCalendar (RFC 5545): one all-day event for each.

An event keeps its UID for good, and its SEQUENCE is the revision of the row that its day stands in:
a calendar that has an older one moves it. All days are dates without a time, so that no time zone
can shift them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from innohub.web.wording import words

Row = Mapping[str, Any]
DAY = timedelta(days=1)
MEDIA_TYPE = "text/calendar; charset=utf-8"
OVER = frozenset({"DECLINED", "LAPSED"})
PLAN_TURNS = frozenset({"START", "FINISH"})
"""Turns that end on a day of the plan, which stands in the calendar by itself."""


@dataclass(frozen=True)
class Entry:
    """One day of a pilot. `name` tells it from the pilot's other days, for good."""

    name: str
    on: date
    summary: str
    sequence: int = 0


def calendar_of(pilots: Iterable[Row], base_url: str, now: datetime, name: str) -> bytes:
    """`pilots` as the fragment Dated reads them; of those that were declined nothing is told."""
    calendar = Calendar()
    calendar.add("prodid", "-//InnoHub//Pilots//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for pilot in pilots:
        if pilot["state"] not in OVER:
            for entry in entries(pilot):
                calendar.add_component(_event(pilot, entry, base_url, now))
    return bytes(calendar.to_ical())


def entries(pilot: Row) -> Iterator[Entry]:
    """The days of one pilot, as far as its reader may know them."""
    title, revision = pilot["title"], pilot["revision"]
    yield Entry("start", _day(pilot["startOn"]), f"Pilot starts: {title}", revision)
    yield Entry("end", _day(pilot["endOn"]), f"Pilot ends: {title}", revision)
    protocol = pilot["protocol"]
    if protocol and protocol["lockedAt"]:
        due = _day(protocol["resultDueOn"])
        yield Entry("result", due, f"Result due: {title}", protocol["revision"])
    for turn in pilot["turns"]:
        if turn["kind"] not in PLAN_TURNS:
            what = f"{words(turn['kind'])}: {title}"
            yield Entry(f"turn-{turn['id']}", _day(turn["dueOn"]), what)
    for checkpoint in pilot["checkpoints"]["nodes"]:
        if checkpoint["nextOn"]:
            number = checkpoint["number"] + 1
            what = f"Checkpoint {number}: {title}"
            yield Entry(f"checkpoint-{number}", _day(checkpoint["nextOn"]), what)
    for task in pilot["tasks"]["nodes"]:
        if task["state"] != "DONE":
            who = f" ({task['ownerName']})" if task["ownerName"] else ""
            what = f"Task due: {task['title']}{who}"
            yield Entry(f"task-{task['id']}", _day(task["dueOn"]), what, task["revision"])


def _event(pilot: Row, entry: Entry, base_url: str, now: datetime) -> Event:
    event = Event()
    host = urlsplit(base_url).hostname or "innohub"
    address = f"{base_url.rstrip('/')}/pilots/{pilot['number']}"
    event.add("uid", f"pilot-{pilot['number']}-{entry.name}@{host}")
    event.add("dtstamp", now)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + DAY)
    event.add("summary", entry.summary)
    event.add("description", _about(pilot, address))
    event.add("location", pilot["site"])
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event


def _about(pilot: Row, address: str) -> str:
    of = [row["name"] for row in (pilot["technology"], pilot["force"]) if row]
    return f"{', '.join(of)}\n{address}"


def _day(value: Any) -> date:
    return date.fromisoformat(str(value))
