"""Pilots along the calendar."""

import re
from datetime import date
from typing import Any

from innohub.db.unit_of_work import Database
from innohub.market.pilots.models import PilotState
from innohub.web.gantt import gantt
from tests.factories import the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot
from tests.web.visitor import Visitor

TODAY = date(2026, 11, 2)


def a_row(start: str, end: str, title: str = "A pilot", state: str = "RUNNING") -> dict[str, Any]:
    return {"title": title, "state": state, "startOn": start, "endOn": end}


def bars(svg: str) -> list[tuple[float, float]]:
    """Left edge and width of each bar, per cent."""
    found = re.findall(r'__bar--\w+" x="([\d.]+)%" y="\d+" width="([\d.]+)%"', svg)
    return [(float(left), float(width)) for left, width in found]


def test_no_pilots_make_no_picture() -> None:
    assert gantt([], TODAY, "of Kent Police") == ""


def test_bars_stand_in_the_order_of_their_starts_and_as_long_as_they_last() -> None:
    svg = gantt(
        [a_row("2026-07-01", "2026-12-31", "Second"), a_row("2026-01-01", "2026-06-30", "First")],
        TODAY,
        "of Kent Police",
    )
    assert svg.index("First") < svg.index("Second")
    (first, long), (second, as_long) = bars(svg)
    assert first < second
    assert abs(long - as_long) < 1.5
    assert first >= 0
    assert second + as_long <= 100


def test_its_text_says_what_it_spans() -> None:
    svg = gantt([a_row("2026-01-05", "2026-06-30")], TODAY, "of Kent Police")
    assert 'aria-label="1 pilot of Kent Police, from 5 January 2026 to 30 June 2026.' in svg
    assert 'role="img"' in svg


def test_a_pilot_of_decades_and_one_of_a_day_are_both_drawn() -> None:
    svg = gantt(
        [a_row("1990-01-01", "2026-01-01"), a_row("2026-01-01", "2026-01-02")], TODAY, "of x"
    )
    assert all(width > 0 for _, width in bars(svg))
    assert svg.count("innohub-gantt__tick") <= 6


def test_today_is_marked_where_the_picture_reaches_it() -> None:
    assert "gantt__today" in gantt([a_row("2026-01-01", "2026-12-31")], TODAY, "of x")
    assert "gantt__today" not in gantt([a_row("2025-01-01", "2025-12-31")], TODAY, "of x")


def test_titles_are_text() -> None:
    svg = gantt([a_row("2026-01-01", "2026-12-31", HOSTILE)], TODAY, HOSTILE)
    assert "<script" not in svg


async def test_the_pages_of_a_force_and_of_a_technology_draw_their_pilots(
    visitor: Visitor, database: Database
) -> None:
    kent, essex = await the_force(database, "kent"), await the_force(database, "essex")
    technology = await a_listing(database, slug="veilwright")
    await a_pilot(database, technology, kent, title="Of Kent")
    await a_pilot(database, technology, essex, title="Of Essex")
    await a_pilot(database, technology, None, PilotState.PUBLISHED, title="Of a book")
    page = await visitor.see("/forces/kent")
    (picture,) = page.main.all("svg", class_="innohub-gantt")
    assert picture["aria-label"].startswith("1 pilot of Kent Police")
    assert "1 March 2026 to 30 September 2026" in page.main.text
    page = await visitor.see("/technologies/veilwright")
    (picture,) = page.main.all("svg", class_="innohub-gantt")
    assert picture["aria-label"].startswith("2 pilots of Veilwright")
    assert "1 March 2026 to 30 September 2026" in page.main.text
