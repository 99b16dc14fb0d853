"""The command line of the bench; see ../README.md."""

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from found import Found

from . import analyses, ingest, pages

DATA = Path(__file__).parents[2] / ".data" / "bench" / "evidence"
PARTS: dict[str, Callable[[argparse.Namespace, Path], Found]] = {
    "ingest": ingest.measure,
    "analyses": analyses.measure,
    "pages": pages.measure,
}
"""Each measures one thing, prints its table, and gives its figures."""


def main() -> None:
    given = _arguments()
    found = Found()
    try:
        for name in given.parts:
            found = found.beside(PARTS[name](given, DATA / name))
    finally:
        if not given.keep:
            shutil.rmtree(DATA, ignore_errors=True)
    print(json.dumps({"bench": "evidence", "ratios": found.ratios, "memory_mb": found.memory_mb}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What evidence costs.")
    parser.add_argument(
        "--parts", type=lambda text: text.split(","), default=list(PARTS), help=", ".join(PARTS)
    )
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--kinds", type=lambda text: text.split(","), default=list(ingest.KINDS),
        help=", ".join(ingest.KINDS),
    )  # fmt: skip
    parser.add_argument("--keep", action="store_true", help="keep files and database")
    given = parser.parse_args()
    for name, known in ((given.parts, PARTS), (given.kinds, ingest.KINDS)):
        if unknown := set(name) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return given
