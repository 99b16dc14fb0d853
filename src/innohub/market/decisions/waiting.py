"""What waits for a force's leadership, from every source, in one shape. Not stored: worked out
from what the capabilities hold, so that nothing decided elsewhere waits on."""

from datetime import date
from typing import Any

from sqlalchemy import union_all
from sqlalchemy.orm import Mapped

from innohub.db.model import Model
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources import SOURCES

MOST = 5
"""On a page and in a digest, as the vocabulary has it; the rest is counted."""
_WAITING: Any = union_all(*(source.waiting() for source in SOURCES.values())).subquery("decision")


class Decision(Model):
    """One thing that waits to be decided."""

    __table__ = _WAITING
    __mapper_args__ = {"primary_key": [_WAITING.c.id]}

    id: Mapped[int]
    kind: Mapped[DecisionKind]
    section: Mapped[DecisionSection]
    force_id: Mapped[int]
    pilot_id: Mapped[int | None]
    challenge_id: Mapped[int | None]
    saving_id: Mapped[int | None]
    pool_id: Mapped[int | None]
    revision: Mapped[int]
    line: Mapped[str]
    ask: Mapped[str]
    if_silent: Mapped[str]
    """What happens by default."""
    due_on: Mapped[date]
    closes_on: Mapped[date | None]
    """The day after which it waits no more, where its deadline is the end of it."""
    money_pence: Mapped[int | None]
    verdict: Mapped[str | None]
    grade: Mapped[int | None]
    evidence: Mapped[str]

    @property
    def path(self) -> str:
        """The page of what it is about: of a pilot, a challenge, a pool or a saving."""
        if self.pilot_id is not None:
            return f"/pilots/{self.pilot_id}"
        if self.challenge_id is not None:
            return f"/challenges/{self.challenge_id}"
        if self.pool_id is not None:
            return f"/pools/{self.pool_id}"
        return f"/savings/{self.saving_id}"


def ranked(row: Any) -> list[Any]:
    """The order of the page: what is due first; of one day, the most money."""
    return [row.due_on, row.money_pence.desc().nulls_last(), row.id]
