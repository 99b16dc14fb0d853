"""The form that adds a further KPI: per cent where the hub keeps fractions."""

from typing import Any

from innohub.web.page import Data
from innohub.web.pages.protocol.entering import fraction

IN_PER_CENT = {
    "proportion": ("minimum_important_effect", "limit_low", "limit_high"),
    "count_rate": ("minimum_important_effect",),
}
"""By the KPI's type, what the form asks for in per cent."""


def chosen(kpi: Data) -> str:
    """A KPI as the form's choice says it: with its type, by which its numbers are meant."""
    return f"{kpi['kpiType']}:{kpi['value']}"


def as_registered(given: dict[str, Any]) -> dict[str, Any]:
    """The form's fields as the command takes them."""
    kpi_type, _, kpi = str(given.get("kpi", "")).rpartition(":")
    given["kpi"] = kpi
    for field in IN_PER_CENT.get(kpi_type, ()):
        if given.get(field):
            given[field] = fraction(given[field])
    return given
