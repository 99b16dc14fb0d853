"""Sending several events of a connection again, by what the log calls them and by days."""

from datetime import date, datetime, time, timedelta
from typing import Any

from innohub.hub import commands
from innohub.hub import service as hub
from innohub.hub.delivery.replays import MOST
from innohub.hub.models import DeliveryState
from innohub.market.working_days import LONDON
from innohub.web.page import step

STATES = [
    (DeliveryState.DEAD_LETTER.value, "Given up"),
    (DeliveryState.DELIVERED.value, "Delivered"),
]


def _as_asked(given: dict[str, Any]) -> dict[str, Any]:
    """The form asks for whole days in London, the last of them included."""
    if not given.get("event_types"):
        given.pop("event_types", None)
    for name, days in (("since", 0), ("until", 1)):
        try:
            day = date.fromisoformat(str(given.get(name) or "")) + timedelta(days=days)
        except (ValueError, OverflowError):
            continue  # Empty, or no day: the command says what is wrong with it.
        given[name] = datetime.combine(day, time(), LONDON).isoformat()
    return given


def _told(replayed: hub.Replayed) -> str:
    if replayed.dry_run:
        return f"{replayed.count:,} deliveries fit. Nothing was sent, and nothing changed."
    if not replayed.count:
        return "No delivery fits: nothing is sent again."
    return f"{replayed.count:,} deliveries line up again, in the order of each stream."


replay = step(commands.ReplayDeliveries, hub.replay_deliveries, prepare=_as_asked, done=_told)
MOST_AT_ONCE = f"{MOST:,}"
