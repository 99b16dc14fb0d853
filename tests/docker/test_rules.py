"""Prometheus's own judge: each alert is raised by what it is for, and not by what is usual."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docker.test_monitoring import FOUND, PROMETHEUS

REQUIRED = "INNOHUB_REQUIRE_PROMTOOL"
SUPPLIED = 'connection="7",supplier="otterburn",connector="webhook"'
ROUTE = 'route="/technologies",method="GET"'

Series = dict[str, str]
"""Its name with its labels: its values, one a minute, as promtool reads them."""


@dataclass(frozen=True)
class Case:
    alert: str
    minute: int
    """When it is looked at."""
    bad: Series
    good: Series
    raised: str = ""
    """The labels of the alert that the bad series raise."""


def of_process(name: str, values: str, job: str = "web", at: str = "a", more: str = "") -> Series:
    return {f'{name}{{job="{job}",instance="{at}"{more}}}': values}


def histogram(name: str, labels: str, quick: int, edge: str, beyond: str) -> Series:
    """A hundred a minute, so many of them within `edge` and all within `beyond`."""
    counts = {edge: quick, beyond: 100, "+Inf": 100}
    comma = "," if labels else ""
    return {f'{name}_bucket{{{labels}{comma}le="{le}"}}': f"0+{n}x90" for le, n in counts.items()}


def requests(failed: int, served: int, route: str = ROUTE) -> Series:
    return {
        f'innohub_request_seconds_count{{{route},status="5xx"}}': f"0+{failed}x60",
        f'innohub_request_seconds_count{{{ROUTE},status="2xx"}}': f"0+{served}x60",
    }


def connection(number: int, lag: int, sending: int) -> Series:
    labels = f'connection="{number}",supplier="s{number}",connector="webhook"'
    return {
        f"innohub_connection_lag_seconds{{{labels}}}": f"{lag}x60",
        f"innohub_connection_sending{{{labels}}}": f"{sending}x60",
    }


def together(*series: Series) -> Series:
    return {name: values for each in series for name, values in each.items()}


def two(job: str, first: str) -> Series:
    return together(of_process("up", first, job), of_process("up", "1x60", job, "b"))


def counters(name: str, label: str, **a_minute: int) -> Series:
    return {f'{name}{{{label}="{key}"}}': f"0+{each}x200" for key, each in a_minute.items()}


LATE = [connection(number, 900, 1) for number in range(3)]
PAUSED = [connection(number, 900, 0) for number in range(3)]
REFUSED = 'innohub_oauth_requests_total{endpoint="token",grant="none",outcome="invalid_client"}'
TIDIED = 'innohub_sweep_last_success_timestamp_seconds{sweep="tidy"}'
CASES = [
    *(
        case
        for alert, job in (("WebDown", "web"), ("WorkerDown", "worker"))
        for case in (
            Case(alert, 10, two(job, "1x5 0x30"), two(job, "1x60"), f'instance="a",job="{job}"'),
            Case(alert, 7, of_process("up", "1x60", job), two(job, "1x5 0 1x30")),
            Case(alert, 7, {"other": "1x60"}, two(job, "1x60"), f'job="{job}"'),
        )
    ),
    Case(
        "DatabaseAway",
        8,
        of_process("innohub_database_answers", "1x5 0x30"),
        of_process("innohub_database_answers", "1x5 0 1x30"),
        'instance="a",job="web"',
    ),
    Case("PagesFail", 15, requests(2, 98), requests(1, 199)),
    Case("PagesFail", 15, requests(2, 98), requests(50, 50, 'route="/readyz",method="GET"')),
    Case(
        "PagesSlow",
        25,
        histogram("innohub_request_seconds", ROUTE, 90, "1.0", "2.5"),
        histogram("innohub_request_seconds", ROUTE, 96, "1.0", "2.5"),
    ),
    Case(
        "PoolExhausted",
        12,
        of_process("innohub_pool_waiting", "3x60", more=',pool="read"'),
        of_process("innohub_pool_waiting", "0x5 8 0x60", more=',pool="read"'),
        'instance="a",job="web",pool="read"',
    ),
    Case(
        "ProcessBusy",
        25,
        histogram("innohub_loop_lag_seconds", 'job="web",instance="a"', 90, "0.25", "0.5"),
        histogram("innohub_loop_lag_seconds", 'job="web",instance="a"', 99, "0.25", "0.5"),
        'instance="a",job="web"',
    ),
    Case(
        "ChangesWait",
        25,
        histogram("innohub_chain_wait_seconds", "", 90, "1.0", "2.5"),
        histogram("innohub_chain_wait_seconds", "", 99, "1.0", "2.5"),
    ),
    Case(
        "StandbyLeftAlone",
        35,
        {
            'innohub_reads_total{source="database",why="away"}': "0+60x60",
            'innohub_reads_total{source="copy",why="fit"}': "0+40x60",
        },
        {
            'innohub_reads_total{source="database",why="unseen"}': "0+60x60",
            'innohub_reads_total{source="copy",why="fit"}': "0+40x60",
        },
    ),
    Case(
        "PlansMadeAnew",
        65,
        counters("innohub_plans_total", "found", made=120, cached=120),
        counters("innohub_plans_total", "found", made=2, cached=1),
    ),
    Case("DeliveriesLate", 15, connection(7, 4_000, 1), connection(7, 4_000, 0),
         'connection="7",connector="webhook",supplier="s7"'),
    Case(
        "DeliveriesLateEverywhere",
        10,
        together(*LATE, connection(3, 0, 1)),
        together(*PAUSED, connection(3, 0, 1), connection(4, 900, 1)),
    ),
    Case(
        "StreamBlocked",
        70,
        {f"innohub_connection_blocked_lanes{{{SUPPLIED}}}": "1x90"},
        {f"innohub_connection_blocked_lanes{{{SUPPLIED}}}": "1x30 0x60"},
        'connection="7",connector="webhook",supplier="otterburn"',
    ),
    Case(
        "DeliveriesFail",
        35,
        counters("innohub_deliveries_total", "outcome", ok=40, retry=60),
        counters("innohub_deliveries_total", "outcome", ok=60, retry=40),
    ),
    Case("TokensRefused", 25, {REFUSED: "0+60x60"}, {REFUSED: "0+6x60"}),
    Case(
        "RegularWorkFails",
        140,
        {
            'innohub_sweep_seconds_count{sweep="publish_due",outcome="failed"}': "0+1x150",
            'innohub_sweep_seconds_count{sweep="publish_due",outcome="ok"}': "5x150",
        },
        {
            'innohub_sweep_seconds_count{sweep="publish_due",outcome="failed"}': "0+1x150",
            'innohub_sweep_seconds_count{sweep="publish_due",outcome="ok"}': "0+1x150",
        },
        'sweep="publish_due"',
    ),
    Case("TidyingMissing", 70, {TIDIED: "-200000x90"}, {TIDIED: "0x90"}),
    Case("TidyingMissing", 70, {"other": "1x90"}, {TIDIED: "0x90"}, 'sweep="tidy"'),
    Case(
        "ProcessFat",
        20,
        of_process("process_resident_memory_bytes", "1300000000x60", "worker"),
        of_process("process_resident_memory_bytes", "1100000000x60", "worker"),
        'instance="a",job="worker"',
    ),
]  # fmt: skip


def written(case: Case, series: Series, raised: Sequence[str]) -> dict[str, Any]:
    severity = next(a.labels.severity for a in FOUND if a.alert == case.alert)
    own = f'alertname="{case.alert}",alertstate="firing",severity="{severity}"'
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": each} for name, each in series.items()],
        "promql_expr_test": [
            {
                "expr": f'ALERTS{{alertname="{case.alert}",alertstate="firing"}}',
                "eval_time": f"{case.minute}m",
                "exp_samples": [
                    {"labels": f"ALERTS{{{','.join(filter(None, (own, each)))}}}", "value": 1}
                    for each in raised
                ],
            }
        ],
    }


def promtool(*arguments: str | Path) -> str:
    """What it says. Skips where it is not installed; it must be where REQUIRED is set."""
    program = shutil.which("promtool")
    if program is None:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{REQUIRED} is set, and promtool is not installed")
        pytest.skip("promtool is not installed: Debian's package prometheus has it")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_the_settings_and_the_rules() -> None:
    promtool("check", "config", "--syntax-only", PROMETHEUS / "prometheus.yml")
    assert f"SUCCESS: {len(FOUND)} rules found" in promtool(
        "check", "rules", PROMETHEUS / "alerts.yml"
    )


def test_every_alert_has_a_case() -> None:
    assert {case.alert for case in CASES} == {alert.alert for alert in FOUND}


def test_each_alert_is_raised_by_what_it_is_for_and_by_nothing_usual(tmp_path: Path) -> None:
    tried = tmp_path / "rules.test.yml"
    tests = [
        each
        for case in CASES
        for each in (written(case, case.bad, [case.raised]), written(case, case.good, []))
    ]
    rules = {"rule_files": [str(PROMETHEUS / "alerts.yml")], "evaluation_interval": "1m"}
    tried.write_text(yaml.safe_dump({**rules, "tests": tests}))
    promtool("test", "rules", tried)
