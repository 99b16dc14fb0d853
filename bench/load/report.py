"""The tables and the last line of the bench."""

import statistics
from dataclasses import dataclass, field
from typing import Any

import psutil

from .watching import Watched

FULL = 0.9
"""Of one core: a process with more of it has no more to give."""


@dataclass
class Run:
    web: int
    watched: Watched
    told: dict[str, Any]
    clients: int
    deliveries: int = 0
    costs: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def took(self) -> list[float]:
        return sorted(seconds for kind in self.told["took"].values() for seconds in kind)

    @property
    def errors(self) -> int:
        return sum(self.told["errors"].values())

    @property
    def per_second(self) -> float:
        return len(self.took) / self.watched.seconds

    @property
    def growth_mb(self) -> dict[str, float]:
        return {name: round(self.watched.growth_mb(name), 1) for name in self.watched.memory_mb}

    def limit(self) -> str:
        """What holds it back, and how that was seen."""
        cores = self.watched.cores
        full = [
            f"{name} uses {share:.0%} of a core" for name, share in cores.items() if share > FULL
        ]
        waits = self.watched.waits.most_common(3)
        told = ", ".join(f"{what} ({count})" for what, count in waits)
        ours = f"{sum(cores.values()):.1f} of {psutil.cpu_count()} by the cluster"
        machine = f"the machine's cores are {self.watched.machine:.0%} in use, {ours}"
        if self.watched.machine > FULL:
            full.insert(0, machine)
        return f"{'; '.join(full) or machine}. PostgreSQL's sessions: {told}"


def quantile(values: list[float], share: float) -> float:
    return values[max(0, -int(-share * len(values) // 1) - 1)]


def print_runs(runs: list[Run]) -> None:
    print(f"{'web':>4}{'requests':>10}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}")
    for run in runs:
        took = run.took
        p50, p99 = (quantile(took, share) * 1000 for share in (0.5, 0.99))
        print(
            f"{run.web:>4}{len(took):>10}{run.per_second:>10.1f}{p50:>9.0f}{p99:>9.0f}{run.errors:>8}"
        )
    for run in runs:
        print(f"\n{run.web} web: limit: {run.limit()}")
        print("  cores: " + ", ".join(f"{n} {c:.2f}" for n, c in run.watched.cores.items()))
        for kind, took in run.told["took"].items():
            times = sorted(took)
            p50, p99 = (quantile(times, share) * 1000 for share in (0.5, 0.99))
            print(f"  {kind:<12}{len(times):>7}{p50:>9.0f}{p99:>9.0f}")
        memory = run.watched.memory_mb
        print("  MB: " + ", ".join(_over_time(name, memory[name]) for name in memory))
        for what, count in run.told["errors"].items():
            print(f"  {count} x {what}")


def _over_time(name: str, seen: list[float]) -> str:
    """At the beginning, in the middle, at the end."""
    third = [seen[0], seen[len(seen) // 2], seen[-1]]
    return f"{name} " + "/".join(f"{mb:.0f}" for mb in third)


def costs_of(kind: str, watched: Watched, told: dict[str, Any], written: int) -> dict[str, float]:
    """Of one request of a kind, with all that it sets off: milliseconds of processor time, and
    bytes: of the answer as a browser reads it, and written by PostgreSQL."""
    took = told["took"].get(kind, [])
    number = max(1, len(took))
    # The clients warm up for two seconds of the ten that are watched.
    asked = number * 10.0 / 8.0

    def ms(*names: str) -> float:
        cores = watched.cores
        share = sum(cores[name] for name in cores if name.startswith(names))
        return round(share * watched.seconds / asked * 1000, 2)

    return {
        "number": number,
        "web_ms": ms("web"),
        "postgres_ms": ms("postgres"),
        "worker_ms": ms("worker"),
        "proxy_ms": ms("proxy"),
        "bytes": round(told["bytes"].get(kind, 0) / number),
        "written": round(written / asked),
        "p50_ms": round(statistics.median(took) * 1000, 1) if took else 0.0,
    }


def print_costs(costs: dict[str, dict[str, float]]) -> None:
    columns = (
        "number",
        "web_ms",
        "postgres_ms",
        "worker_ms",
        "proxy_ms",
        "bytes",
        "written",
        "p50_ms",
    )
    print(f"\nOne by itself\n{'':<12}" + "".join(f"{name:>12}" for name in columns))
    for kind, found in costs.items():
        print(f"{kind:<12}" + "".join(f"{found[name]:>12}" for name in columns))


def result(runs: list[Run], costs: dict[str, dict[str, float]]) -> dict[str, Any]:
    ratios: dict[str, float] = {}
    for run in runs:
        took = run.took
        ratios[f"p99_vs_p50_at_{run.web}"] = quantile(took, 0.99) / quantile(took, 0.5)
        ratios[f"throughput_{run.web}_vs_{runs[0].web}"] = run.per_second / runs[0].per_second
    return {
        "bench": "load",
        "ratios": {name: round(value, 2) for name, value in ratios.items()},
        "errors": sum(run.errors for run in runs),
        "growth_mb": {str(run.web): run.growth_mb for run in runs},
        "limits": {str(run.web): run.limit() for run in runs},
        "costs": costs,
    }
