"""A technology with pilots at different stages, and what is asked of them again and again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

from innohub.cli.calling import Refused
from innohub.cli.demo.callers import Person
from innohub.cli.demo.market import ANALYST, FORCE, LEAD, Market
from innohub.cli.demo.trials import Pilot

STATE = """
query ($id: ID!) {
  pilot(id: $id) {
    state revision supplierAcceptedAt closingReason result { id } ratings { id }
    datasets { nodes { version } } protocol { revision baselineValue sampleSize hash }
  }
}
"""


@dataclass(frozen=True)
class Scene:
    """One technology and its pilots: one runs, two are being scoped."""

    market: Market
    running: Pilot
    scoping: Pilot
    contested: Pilot

    @property
    def lead(self) -> Person:
        return self.market.person(LEAD, FORCE)

    @property
    def analyst(self) -> Person:
        return self.market.person(ANALYST, FORCE)

    def stands(self, pilot: Pilot) -> dict[str, Any]:
        """All that a refused step might have changed."""
        found: dict[str, Any] = self.analyst.query(STATE, id=pilot.id)["pilot"]
        return found


def refusal(call: Callable[[], Any]) -> str | None:
    """The code it was refused with; None where it was done."""
    try:
        call()
    except Refused as refused:
        return refused.reason
    return None


def at_once(*calls: Callable[[], Any]) -> list[str | None]:
    """The refusals of calls that begin in one moment, in their order."""
    ready = Barrier(len(calls))

    def called(call: Callable[[], Any]) -> str | None:
        ready.wait()
        return refusal(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(called, calls))
