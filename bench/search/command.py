"""The command line of the bench; see ../README.md."""

import argparse
import asyncio
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from read.data import Scale, market

from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres
from innohub.seed import seed_if_empty
from innohub.settings import Settings

from . import latency, quality

DATA = Path(__file__).parents[2] / ".data" / "bench" / "search"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def main() -> None:
    given = _arguments()
    try:
        found = _quality(given.show)
        if given.technologies:
            found |= _latency(given.technologies, given.rounds)
    finally:
        if not given.keep:
            shutil.rmtree(DATA, ignore_errors=True)
    print(json.dumps({"bench": "search", **found}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How good the search is, and what it costs.")
    parser.add_argument("--show", type=float, default=0.8, help="print answers below this nDCG")
    parser.add_argument(
        "--technologies", type=int, default=100_000, help="for the latency; 0 leaves it out"
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run")
    return parser.parse_args()


def _quality(show: float) -> dict[str, float]:
    folder = DATA / "demonstration"
    with EmbeddedPostgres(folder / "postgres", durable=False) as url:
        asyncio.run(migrate.upgrade(url))
        settings = Settings(database_url=url, data_dir=folder, log_level="WARNING")
        asyncio.run(seed_if_empty(settings, clock=lambda: NOW))
        found = asyncio.run(quality.measure(settings))
    for answer in sorted(found.answers, key=lambda one: one.ndcg):
        if answer.ndcg < show:
            print(f"{answer.ndcg:.2f}  {answer.judged.ask}: {', '.join(answer.found)}")
    print(f"nDCG@10 {found.ndcg_at_10:.3f} over {len(found.answers)} judged queries")
    return {
        "ndcg_at_10": round(found.ndcg_at_10, 4),
        "zero_result_rate": round(found.zero_result_rate, 4),
        "queries": len(found.answers),
    }


def _latency(technologies: int, rounds: int) -> dict[str, float]:
    with market(DATA / str(technologies), Scale().of(technologies)) as large:
        return asyncio.run(latency.measure(large, rounds))
