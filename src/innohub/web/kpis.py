"""The KPI dictionary as forms offer it."""

from collections.abc import Iterable, Mapping
from typing import Any

from innohub.market.pilots.kpis import COMPUTED_TYPES
from innohub.market.pilots.models import Direction
from innohub.web.wording import words


def primary(kpis: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Options for the indicators that can carry a pilot, by their labels; `kpis` are values of the
    reference list `kpi` with their kpiType and direction."""
    usable = [
        {"value": str(kpi["value"]), "label": named(kpi)}
        for kpi in kpis
        if kpi["kpiType"] in COMPUTED_TYPES and kpi["direction"] in set(Direction)
    ]
    return sorted(usable, key=lambda option: option["label"])


def named(kpi: Mapping[str, Any]) -> str:
    """Its label; of a local one, marked as such."""
    return f"{kpi['label']} (local)" if kpi.get("localTo") else str(kpi["label"])


def described(kpi: Mapping[str, Any]) -> str:
    """ "Minutes to redact a file, in minutes; lower is better"."""
    unit = "per cent" if kpi["unit"] == "percent" else kpi["unit"]
    return f"{kpi['label']} ({unit}; {words(kpi['direction']).lower()})"
