"""Files of observations as a force's analyst exports them, drawn with a fixed seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

BEGAN_ON = date(2026, 4, 1)
DAYS = [(date(2026, 1, 1) + timedelta(days)).isoformat() for days in range(180)]
ARMS = ("treatment", "comparison")
PERIODS = ("before", "after")
SITES = [f"Station {number}" for number in range(1, 41)]


@dataclass(frozen=True)
class Kind:
    """One type of KPI: the columns of its file, and how a row is drawn."""

    kpi_type: str
    columns: tuple[str, ...]
    row: Callable[[Random, int], str]


def _proportion(chance: Random, number: int) -> str:
    arm, period, site = chance.choice(ARMS), chance.choice(PERIODS), chance.choice(SITES)
    return f"{arm},{period},{site},{chance.randint(0, 1)}"


def _mean(chance: Random, number: int) -> str:
    arm, day, site = chance.choice(ARMS), chance.choice(DAYS), chance.choice(SITES)
    return f"{arm},{day},{site},R{number},{chance.gauss(50, 9):.3f}"


def _count_rate(chance: Random, number: int) -> str:
    arm, day, site = chance.choice(ARMS), chance.choice(DAYS), chance.choice(SITES)
    return f"{arm},{day},{site},S{number},{chance.randint(0, 9)},{chance.randint(1, 24) / 2}"


KINDS = {
    "proportion": Kind("proportion", ("arm", "period", "site", "event"), _proportion),
    "mean": Kind("mean", ("arm", "on", "site", "unit_id", "value"), _mean),
    "count_rate": Kind(
        "count_rate", ("arm", "on", "site", "unit_id", "events", "exposure"), _count_rate
    ),
}
"""`proportion` has many lines that are alike; in the others each line names its own unit."""


def written(kind: Kind, rows: int, folder: Path) -> Path:
    """The file, written once."""
    path = folder / f"{kind.kpi_type}-{rows}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        with draft.open("w", newline="") as file:
            file.writelines(_lines(kind, rows))
        draft.rename(path)
    return path


def _lines(kind: Kind, rows: int) -> Iterator[str]:
    chance = Random(f"{kind.kpi_type} {rows}")
    yield ",".join(kind.columns) + "\n"
    for number in range(rows):
        yield kind.row(chance, number) + "\n"
