"""What several technologies did to the same measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from innohub.web import forest
from innohub.web.charts import LEVELS, RATIO_SCALES
from innohub.web.pages.technology.newest import newest_published


@dataclass(frozen=True)
class Measure:
    """One indicator on one scale: the effects that can stand on one axis."""

    label: str
    lines: tuple[forest.Line, ...]
    results: tuple[Mapping[str, Any], ...]

    @property
    def picture(self) -> Any:
        return forest.forest_chart(self.label, self.lines)


def shared_measures(found: Sequence[Mapping[str, Any]]) -> list[Measure]:
    """The measures on which at least two of the technologies have a published effect."""
    measured: dict[tuple[str, ...], list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for technology in found:
        for result in newest_published(technology["results"]["nodes"]):
            if result["scale"] not in LEVELS:
                measured.setdefault(_axis_of(result), []).append((technology, result))
    return [
        Measure(
            label=pairs[0][1]["kpiLabel"],
            lines=tuple(
                forest.Line(technology["name"], where(result["pilot"]), result)
                for technology, result in pairs
            ),
            results=tuple(result for _, result in pairs),
        )
        for pairs in measured.values()
        if len({technology["slug"] for technology, _ in pairs}) > 1
    ]


def where(pilot: Mapping[str, Any]) -> str:
    """The force that piloted, or the place of a published trial."""
    if pilot["citation"] or not pilot["force"]:
        return f"published trial, {pilot['site']}"
    return str(pilot["force"]["name"])


def _axis_of(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Effects with the same of these can be drawn on one axis."""
    protocol = result["pilot"]["protocol"] or {}
    scale = "ratio" if result["scale"] in RATIO_SCALES else result["scale"]
    told = [protocol.get(name, "") for name in ("direction", "kpiType", "unit")]
    return (result["kpi"], scale, *(told if scale != "ratio" else told[:1]))
