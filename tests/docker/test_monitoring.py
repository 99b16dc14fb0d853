"""The dashboard and the alerts ask for what the hub's processes really tell."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Literal

import asyncpg
import promql_parser as promql
import pytest
import yaml
from prometheus_client import REGISTRY
from pydantic import BaseModel, ConfigDict, Field

from innohub.db.engine import read_url
from innohub.hub import gauges
from innohub.telemetry import pools
from tests.docker.test_image import DOCKER, ROOT

PROMETHEUS = DOCKER / "prometheus"
RULES = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())
DASHBOARD: dict[str, Any] = json.loads((DOCKER / "grafana/dashboards/innohub.json").read_text())
CONFIG: dict[str, Any] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
ALERTS = ROOT / "docs/alerts"
OF_PROMETHEUS = {"instance", "job", "le"}
"""Labels that it adds itself, or that make a histogram."""


class Strict(BaseModel):
    """Nothing that Prometheus would not know."""

    model_config = ConfigDict(extra="forbid")


class Labels(Strict):
    severity: Literal["page", "ticket"]


class Annotations(Strict):
    summary: str = Field(pattern=r"^[A-Z].*\.$")
    description: str
    runbook_url: str


class Alert(Strict):
    alert: str = Field(pattern=r"^[A-Z][A-Za-z]+$")
    expr: str
    for_: str = Field(alias="for", pattern=r"^\d+[mh]$")
    labels: Labels
    annotations: Annotations


class Group(Strict):
    name: str
    rules: list[Alert]


class Rules(Strict):
    groups: list[Group]


FOUND = [Alert.model_validate(rule) for group in RULES["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if "targets" in panel]
HEADINGS = [
    "What it means",
    "What people notice",
    "Look first",
    "What to do",
    "When to call whom",
    "Why this threshold",
]
ASKED = [
    *((alert.alert, alert.expr) for alert in FOUND),
    *((panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]),
    *(
        (path.stem, query)
        for path in sorted(ALERTS.glob("*.md"))
        for query in re.findall(r"```promql\n(.+?)\n```", path.read_text(), re.DOTALL)
    ),
]
STATEMENTS = sorted(
    {
        statement
        for path in ALERTS.glob("*.md")
        for statement in re.findall(r'sql "(SELECT [^"]+)"', path.read_text())
    }
)


def told() -> dict[str, set[str]]:
    """Every series that a web process or a worker tells, with its labels."""
    for module in ("innohub.app", "innohub.worker.run"):
        import_module(module)
    found: dict[str, set[str]] = {"up": set(), "ALERTS": {"alertname", "alertstate", "severity"}}
    for collector, names in REGISTRY._collector_to_names.items():
        labels = set(getattr(collector, "_labelnames", ()))
        found |= dict.fromkeys(names, labels)
    found |= {f"innohub_connection_{name}": set(gauges.LABELS) for name in gauges.GAUGES}
    found |= {f"innohub_pool_{name}": {"pool"} for name in pools.GAUGES}
    return found


TOLD = told()


def selectors(node: Any) -> Iterator[Any]:
    """Every selector of series within an expression."""
    if isinstance(node, promql.VectorSelector):
        yield node
    elif isinstance(node, promql.MatrixSelector):
        yield node.vector_selector
    elif isinstance(node, promql.Call):
        for argument in node.args:
            yield from selectors(argument)
    elif isinstance(node, promql.BinaryExpr):
        yield from selectors(node.lhs)
        yield from selectors(node.rhs)
    elif hasattr(node, "expr"):
        yield from selectors(node.expr)


@pytest.mark.parametrize(("where", "expression"), ASKED, ids=[where for where, _ in ASKED])
def test_what_is_asked_for_is_told_with_these_labels(where: str, expression: str) -> None:
    parsed = promql.parse(expression.replace("$__rate_interval", "5m"))
    found = list(selectors(parsed))
    assert found
    for selector in found:
        assert selector.name in TOLD
        labels = set(re.findall(r'(\w+)(?:=~|!~|!=|=)"', str(selector)))
        assert labels <= TOLD[selector.name] | OF_PROMETHEUS
    known = set().union(*(TOLD[selector.name] for selector in found)) | OF_PROMETHEUS
    for grouping in re.findall(r"\b(?:by|on) \(([^)]+)\)", expression):
        assert set(re.split(r",\s*", grouping)) <= known


def test_the_rules_are_ones_that_prometheus_takes_and_is_given() -> None:
    Rules.model_validate(RULES)
    assert len({alert.alert for alert in FOUND}) == len(FOUND)
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    mounted = compose["services"]["prometheus"]["volumes"]
    (loaded,) = CONFIG["rule_files"]
    (told,) = CONFIG["alerting"]["alertmanagers"][0]["file_sd_configs"][0]["files"]
    for path in (loaded, told):
        folder, _, name = path.rpartition("/")
        assert f"./prometheus:{folder}:ro" in mounted
        assert (PROMETHEUS / name).exists()


@pytest.mark.parametrize("alert", FOUND, ids=[alert.alert for alert in FOUND])
def test_an_alert_leads_to_its_page(alert: Alert) -> None:
    address, _, anchor = alert.annotations.runbook_url.partition("#")
    assert address == "docs/alerts/README.md"
    assert f"## {anchor}\n[{alert.alert}]({anchor}.md)" in (ALERTS / "README.md").read_text()
    page = (ALERTS / f"{anchor}.md").read_text()
    assert page.startswith(f"# {alert.alert}\n")
    assert f"Severity: `{alert.labels.severity}`" in page
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == HEADINGS
    first = page.partition("## Look first\n")[2].partition("\n## ")[0]
    assert "```promql\n" in first
    for link in re.findall(r"\]\(([\w./-]+\.md)\)", page):
        assert (ALERTS / link).exists()


async def test_the_database_takes_what_the_pages_ask_of_it(migrated_url: str) -> None:
    connection = await asyncpg.connect(read_url(migrated_url))
    try:
        for statement in STATEMENTS:
            await connection.fetch(statement.replace("$1", "7").replace("PID", "-1"))
    finally:
        await connection.close()


@pytest.mark.parametrize("panel", PANELS, ids=[panel["title"] for panel in PANELS])
def test_a_panel_says_what_it_shows_and_when_to_worry(panel: dict[str, Any]) -> None:
    shown = panel["fieldConfig"]["defaults"]
    assert shown["unit"]
    assert panel["description"].endswith(".")
    assert shown["thresholds"]["steps"][0]["value"] is None
    for name in re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", panel["description"]):
        assert name in {alert.alert for alert in FOUND}


def test_the_dashboard_begins_with_whose_fault_it_is() -> None:
    first = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "stat"]
    assert {title.partition(":")[0] for title in first} == {"Us", "Database", "Suppliers"}


def test_no_page_is_left_of_an_alert_that_is_gone() -> None:
    named = {alert.annotations.runbook_url.partition("#")[2] for alert in FOUND}
    assert {path.stem for path in ALERTS.glob("*.md")} == named | {"README"}


def test_the_dashboard_is_where_grafana_looks_and_asks_the_source_that_is_there() -> None:
    provisioning = DOCKER / "grafana/provisioning"
    provider = yaml.safe_load((provisioning / "dashboards/innohub.yaml").read_text())
    source = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    path = provider["providers"][0]["options"]["path"]
    assert f"./grafana/dashboards:{path}:ro" in compose["services"]["grafana"]["volumes"]
    uid = source["datasources"][0]["uid"]
    assert {panel["datasource"]["uid"] for panel in PANELS} == {uid}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    jobs = {job["job_name"] for job in CONFIG["scrape_configs"]}
    asked = {
        job
        for _, expr in ASKED
        for found in re.findall(r'job=~?"([^"]+)"', expr)
        for job in found.split("|")
    }
    assert asked <= jobs
