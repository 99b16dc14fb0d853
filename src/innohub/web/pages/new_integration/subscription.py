"""The events a connection can ask for, as its form offers them."""

from collections.abc import Iterable
from dataclasses import dataclass

from innohub.hub.configuration import event_types
from innohub.hub.delivery.fan_out import EVERYTHING
from innohub.hub.events import OWN_FAMILY

_FAMILIES = {
    "assurance": "Assurance of your technologies",
    "challenge": "What forces need, and who joins them",
    "connector": "What the hub says about deliveries",
    "evidence": "What all trials of your technologies say together",
    "listing": "Your listings",
    "pilot": "Pilots of your technologies",
    "pool": "Forces that buy your technologies together",
    "quote": "Your quotes",
    "rating": "Ratings by forces",
    "review": "Reviews of the board's decisions that you ask for",
    "round": "The innovation board's rounds and decisions",
}


@dataclass(frozen=True)
class Family:
    """Events of one kind: `name` asks for all of them."""

    name: str
    label: str
    events: list[str]


def families() -> list[Family]:
    """Every event there is, in order; the hub's own last, since `*` leaves them out."""
    found: dict[str, list[str]] = {}
    for event in event_types():
        found.setdefault(event.partition(".")[0], []).append(event)
    kinds = sorted(found, key=lambda kind: (kind == OWN_FAMILY, kind))
    return [
        Family(f"{kind}.*", _FAMILIES.get(kind, kind.capitalize()), found[kind]) for kind in kinds
    ]


def told(names: Iterable[str]) -> str:
    """A subscription in words: what `*` covers is not named again."""
    listed = list(names)
    if EVERYTHING not in listed:
        return ", ".join(listed)
    return ", ".join(["everything", *(n for n in listed if n.startswith(f"{OWN_FAMILY}."))])
