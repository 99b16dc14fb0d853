"""How many a trial needs: asked by its address, so that an answer can be sent on."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.requests import Request

from innohub.errors import Invalid
from innohub.identity.actor import Actor
from innohub.market.evidence.power import PlanTrial, TrialSize, chances, plan_trial
from innohub.web import kpis
from innohub.web.curve import chance_curve
from innohub.web.forms import DO, Form, Sent
from innohub.web.page import Data, Page
from innohub.web.pages.protocol.entering import wording
from innohub.web.pages.sample_size.asked import FIELDS, parsed

SHARES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Sizes in the table, as shares of the one that is needed."""
POINTS = 40


@dataclass(frozen=True)
class Found:
    """An answer, ready to be read."""

    command: PlanTrial
    size: TrialSize
    unit: str

    @property
    def from_to(self) -> str:
        return f"from {self._value(self.command.baseline)} to {self._value(self.size.expected)}"

    @property
    def chance(self) -> str:
        return f"{self.size.power:.0%}"

    @cached_property
    def table(self) -> list[tuple[int, float]]:
        sizes = sorted({max(2, round(self.size.treatment * share)) for share in SHARES})
        return list(zip(sizes, chances(self.command, sizes), strict=True))

    @cached_property
    def picture(self) -> Any:
        most = max(10, self.size.treatment * 2)
        step = max(1, math.ceil((most - 2) / POINTS))
        sizes = [*range(2, most, step), most]
        points = list(zip(map(float, sizes), chances(self.command, sizes), strict=True))
        told = (
            f"The chance of finding the change {self.from_to} rises with the number in each group: "
            + ", ".join(f"{n:,}: {chance:.0%}" for n, chance in self.table)
            + "."
        )
        chosen = (float(self.size.treatment), self.size.power)
        return chance_curve(points, self.command.power, chosen, told)

    def _value(self, value: float) -> str:
        if self.command.kpi_type == "proportion":
            return f"{value:.1%}"
        return f"{value:,.4g} {self.unit}"


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    query = request.query_params
    options = kpis.primary(data["kpis"])
    known = {kpi["value"]: kpi for kpi in data["kpis"]}
    kpi = known.get(query.get("kpi", "")) if query.get("kpi") in _values(options) else None
    # Off the event loop: it searches for roots, some forty times for the picture.
    found, error = await asyncio.to_thread(_answer, kpi, query) if kpi else (None, None)
    sent: Sent = {name: list(query.getlist(name)) for name in query}
    sent[DO] = ["plan"]
    return {
        "kpis": options,
        "kpi": kpi,
        "wording": wording(kpi) if kpi else None,
        "found": found,
        "asked": Form(str, sent, error).of("plan"),
        "wrong": error,
    }


def _values(options: list[dict[str, str]]) -> set[str]:
    return {option["value"] for option in options}


def _answer(
    kpi: Mapping[str, Any], query: Mapping[str, str]
) -> tuple[Found | None, Invalid | None]:
    """The answer, or why there is none; neither before anything was asked."""
    if not any(query.get(name) for name in FIELDS):
        return None, None
    try:
        command = parsed(kpi, query)
        found = Found(command, plan_trial(command), kpi["unit"])
        # Here and now, not in the template: it is the larger part of the work.
        _ = found.picture
        return found, None
    except Invalid as error:
        return None, error


PAGE = Page("sample_size", "/sample-size", context=context)
