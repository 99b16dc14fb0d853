"""Pilots along the calendar: one bar for each, as an SVG that fits any width.

As in `charts`, places along the picture are per cent of its width and letters keep their size. A
table of the same days has to stand beside it; the picture's own text says what it spans.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from innohub.web.wording import day, plural

Row = Mapping[str, Any]
ROW, HEAD = 46, 30
"""Heights in pixels: of a pilot with its name above the bar, and of the months above all."""
LEAST_BAR = 0.6
"""Per cent of the width: a pilot of a day is still seen."""
MONTHS_APART = (1, 2, 3, 6, 12, 24, 60)
MOST_TICKS = 5
"""As many months as fit side by side on a telephone."""
ROOM = timedelta(days=10)
KINDS = {
    "RUNNING": "runs", "PAUSED": "halted", "STOPPED": "halted", "ANALYSING": "told",
    "REPORTED": "told", "DECIDED": "told", "PUBLISHED": "told",
}  # fmt: skip
"""By state, how the bar is drawn; other pilots are planned. The state is written beside the name,
so that no colour has to be told from another."""


@dataclass(frozen=True)
class Span:
    """The days that the picture shows."""

    start: date
    end: date

    def place(self, on: date) -> float:
        """Per cent of the width, never outside it."""
        share = (on - self.start) / (self.end - self.start)
        return 100 * min(max(share, 0.0), 1.0)


def gantt(pilots: Sequence[Row], today: date, whose: str) -> Markup:
    """The picture of `pilots`, each with title, state (an upper-case name), startOn and endOn; an
    empty text without any. `whose` completes the picture's text: "of Kent Police"."""
    rows = sorted(pilots, key=lambda pilot: (str(pilot["startOn"]), str(pilot["endOn"])))
    if not rows:
        return Markup("")
    days = [_date(pilot[name]) for pilot in rows for name in ("startOn", "endOn")]
    span = Span(min(days) - ROOM, max(days) + ROOM)
    height = HEAD + ROW * len(rows)
    count = plural(len(rows), "pilot").capitalize()
    told = f"{count} {whose}, from {day(min(days))} to {day(max(days))}"
    parts = [
        *(_month(span, first, height) for first in _ticks(span)),
        _today(span, today, height),
        *(_bar(span, pilot, HEAD + ROW * place) for place, pilot in enumerate(rows)),
    ]
    return Markup(
        '<svg class="innohub-gantt" role="img" aria-label="{}. The table has the days." '
        'width="100%" height="{}" xmlns="http://www.w3.org/2000/svg" focusable="false">{}</svg>'
    ).format(told, height, Markup("").join(parts))


def _bar(span: Span, pilot: Row, top: int) -> Markup:
    left = span.place(_date(pilot["startOn"]))
    width = max(span.place(_date(pilot["endOn"])) - left, LEAST_BAR)
    kind = KINDS.get(pilot["state"], "planned")
    anchor, x = ("end", left + width) if left > 50 else ("start", left)
    return Markup(
        '<text class="innohub-gantt__name" x="{x:.2f}%" y="{}" text-anchor="{}">{}</text>'
        '<rect class="innohub-gantt__bar innohub-gantt__bar--{}" x="{:.2f}%" y="{}" '
        'width="{:.2f}%" height="14" rx="2"><title>{}</title></rect>'
    ).format(
        top + 16, anchor, _shortened(pilot), kind, left, top + 23, width,
        f"{pilot['title']}: {day(pilot['startOn'])} to {day(pilot['endOn'])}",
        x=x,
    )  # fmt: skip


def _shortened(pilot: Row) -> str:
    """A name that fits beside its bar on a telephone."""
    name = str(pilot.get("short") or pilot["title"])
    return name if len(name) <= 38 else name[:37].rstrip() + "…"


def _month(span: Span, first: date, height: int) -> Markup:
    place = span.place(first)
    anchor = "start" if place < 8 else "end" if place > 92 else "middle"
    return Markup(
        '<line class="innohub-gantt__month" x1="{x:.2f}%" x2="{x:.2f}%" y1="22" y2="{}"/>'
        '<text class="innohub-gantt__tick" x="{x:.2f}%" y="14" text-anchor="{}">{}</text>'
    ).format(height, anchor, f"{first:%b %Y}", x=place)


def _today(span: Span, today: date, height: int) -> Markup:
    if not span.start <= today <= span.end:
        return Markup("")
    return Markup(
        '<line class="innohub-gantt__today" x1="{x:.2f}%" x2="{x:.2f}%" y1="22" y2="{}"/>'
    ).format(height, x=span.place(today))


def _ticks(span: Span) -> list[date]:
    """First days of months, as many as fit."""
    firsts = [
        date(year, month, 1)
        for year in range(span.start.year, span.end.year + 1)
        for month in range(1, 13)
        if span.start <= date(year, month, 1) <= span.end
    ]
    for apart in MONTHS_APART:
        found = [one for one in firsts if (one.year * 12 + one.month - 1) % apart == 0]
        if len(found) <= MOST_TICKS:
            return found
    return firsts[:: max(1, len(firsts) // MOST_TICKS)]


def _date(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])
