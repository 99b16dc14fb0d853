"""What the stand-ins for issue trackers have in common: issues with labels, a token that counts, a
limit that may be used up. None of them knows a key of ours."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db.unit_of_work import utc_now
from tests.counterparts.standing_in import Log

TOKEN = "a-token"


@dataclass
class Said:
    """A comment."""

    text: str
    more: dict[str, Any]


@dataclass
class Issue:
    number: int
    title: str
    text: Any
    labels: list[str]
    closed: bool = False
    more: dict[str, Any] = field(default_factory=dict)
    status: str = "To Do"
    said: list[Said] = field(default_factory=list)
    changed: datetime = field(default_factory=utc_now)

    def add(self, text: str, **more: Any) -> None:
        """Ada comments. `more`: what the tracker tells of her comment besides."""
        self.said.append(Said(text, more))
        self.changed = utc_now()


@dataclass
class Issues:
    """The issues of one repository or project. `left`: requests until its limit."""

    log: Log = field(default_factory=Log)
    held: dict[int, Issue] = field(default_factory=dict)
    left: int = 1_000
    unseen: bool = False
    """Their look-up does not find what was made just now."""
    pause: float = 0.0
    """Seconds between a look-up and its answer: long enough for another to look as well."""
    url: str = ""

    def carrying(self, label: str) -> list[Issue]:
        return [] if self.unseen else list(self._with(label))

    def since(self, moment: datetime) -> list[Issue]:
        """Those of ours that changed."""
        return [each for each in self.carrying("innohub") if each.changed >= moment]

    def _with(self, label: str) -> Iterator[Issue]:
        yield from (each for each in self.held.values() if label in each.labels)

    def add(self, title: str, text: Any, labels: list[str], **more: Any) -> Issue:
        number = len(self.held) + 1
        self.held[number] = Issue(number, title, text, labels, more=more)
        return self.held[number]

    async def looked(self) -> None:
        await asyncio.sleep(self.pause)

    def spend(self) -> bool:
        """Whether the limit still allows a request."""
        self.left -= 1
        return self.left >= 0

    def knows(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").lower()
        return given in (f"bearer {TOKEN}", f"token {TOKEN}")


Turned = Response | None
"""An answer that comes before anything is done: no token, or no more of them."""
