"""What the dashboard and the alerts ask of Prometheus, and what must be there for them to tell
anything at all."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml

DOCKER = Path(__file__).parents[2] / "docker"
RULES = DOCKER / "prometheus" / "alerts.yml"
DASHBOARD = DOCKER / "grafana" / "dashboards" / "innohub.json"
COMPARED = {"==", "!=", ">", "<", ">=", "<="}
OF_GRAFANA = "$__rate_interval"
WINDOW = "30s"
"""What Grafana would put in its place: a run is short."""
ABSENT = "absent"


@dataclass(frozen=True)
class Asked:
    where: str
    query: str


def of_the_dashboard() -> Iterator[Asked]:
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield Asked(panel["title"], target["expr"].replace(OF_GRAFANA, WINDOW))


def of_the_alerts() -> Iterator[Asked]:
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            yield Asked(rule["alert"], rule["expr"])


def measured(query: str) -> list[str]:
    """What the query compares with a bound: where all is well it finds nothing over it, but what it
    looks at has to be there."""
    return [node.prettify() for node in _sides(promql.parse(query))]


def _sides(node: Any) -> Iterator[Any]:
    if isinstance(node, promql.NumberLiteral):
        return
    if isinstance(node, promql.Call) and node.func.name == ABSENT:
        return
    within = getattr(node, "expr", None)
    if within is not None and (isinstance(node, promql.ParenExpr) or _compares(within)):
        yield from _sides(within)
    elif _compares(node):
        yield from _sides(node.lhs)
        yield from _sides(node.rhs)
    else:
        yield node


def _compares(node: Any) -> bool:
    """Whether there is a comparison somewhere within."""
    if isinstance(node, promql.BinaryExpr):
        return str(node.op) in COMPARED or _compares(node.lhs) or _compares(node.rhs)
    return hasattr(node, "expr") and _compares(node.expr)
