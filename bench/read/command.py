"""The command line of the bench; see ../README.md."""

import argparse
import asyncio
import json
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from . import postgraphile, queries, sizes
from .data import Market, Scale, market
from .explain import explain
from .measure import Effort, Measurement, rounds, verify
from .report import Table, memory, result
from .servers import ENGINE, HAND, POSTGRAPHILE, STRAWBERRY, running

DATA = Path(__file__).parents[2] / ".data" / "bench"


def main() -> None:
    given = _arguments()
    effort = Effort(1, 1.0) if given.quick else Effort(given.rounds, given.seconds)
    with ExitStack() as stack:
        if not given.keep:
            stack.callback(shutil.rmtree, DATA / "read", ignore_errors=True)
        base = stack.enter_context(market(DATA / "read" / "20000", Scale()))
        if given.technologies != Scale().technologies:
            scale = Scale().of(given.technologies)
            folder = DATA / "read" / str(given.technologies)
            large = stack.enter_context(market(folder, scale))
            found = sizes.compare(base, large, effort, explained=given.explain)
        else:
            found = _variants(base, given, effort)
    print(json.dumps(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast the hub answers queries.")
    parser.add_argument("--quick", action="store_true", help="one round of a second each")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each variant in a round")
    parser.add_argument("--queries", type=_names, default=queries.NAMES, help="some, by commas")
    parser.add_argument("--without", type=_others, default=(), help="variants to leave out")
    parser.add_argument(
        "--technologies",
        type=int,
        default=Scale().technologies,
        help="more of them: only the browse query's latency against that at 20,000",
    )
    parser.add_argument("--explain", action="store_true", help="print the browse query's plan")
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run")
    parser.add_argument("--raw", type=Path, help="a file for every single measurement")
    return parser.parse_args()


def _names(text: str) -> Sequence[str]:
    return _some(text, queries.NAMES)


def _others(text: str) -> Sequence[str]:
    return _some(text, (STRAWBERRY, POSTGRAPHILE, HAND))


def _some(text: str, known: Sequence[str]) -> Sequence[str]:
    names = text.split(",")
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(known)}")
    return names


def _variants(base: Market, given: argparse.Namespace, effort: Effort) -> dict[str, object]:
    names = [n for n in (ENGINE, STRAWBERRY, POSTGRAPHILE, HAND) if n not in given.without]
    installed = None
    if POSTGRAPHILE in names:
        try:
            installed = postgraphile.install(DATA)
            asyncio.run(postgraphile.prepare(base))
        except postgraphile.NotInstalled as error:
            print(f"Without PostGraphile, which could not be installed: {error}", flush=True)
            names.remove(POSTGRAPHILE)
    asked = asyncio.run(queries.of(base, given.queries))
    if given.explain:
        print("\n".join(asyncio.run(explain(base, asked[0]))), flush=True)
    with running(base, names, installed) as servers:
        verify(servers, asked)
        print(f"The same answers from {', '.join(names)}", flush=True)
        found = list(rounds(servers, asked, effort))
        table = Table(found)
        memory_mb = memory(servers)
    if given.raw:
        given.raw.write_text(json.dumps([_raw(m) for m in found], indent=1))
    print("\nThe engine to others: more than 1 is faster, or earlier")
    print("\n".join(table.lines()))
    print("\nProcessor time a request in ms, server + PostgreSQL")
    print("\n".join(table.processor_lines()))
    print("\nResident memory in MB: " + ", ".join(f"{n} {mb:.0f}" for n, mb in memory_mb.items()))
    return result(table.named(), memory_mb)


def _raw(measurement: Measurement) -> dict[str, object]:
    return asdict(measurement)
