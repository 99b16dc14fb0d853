"""Hands a catalogue in, a part at a time, and waits for each.

A command that was interrupted is given again: the hub finds each listing by the supplier's own
reference, and what stands already is left as it is.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from innohub.cli.calling import Change, Machine, Refused
from innohub.cli.importing.reading import Row
from innohub.errors import InnoHubError

PART = 200
"""Items of a request …"""
PART_BYTES = 700_000
"""… and its bytes: the hub takes a mebibyte."""
LOOK_SECONDS = 0.5
FRESH_SECONDS = 300
"""A token is asked for again well before its ten minutes are over."""
HAND_IN = Change(
    "upsertCatalogue",
    "UpsertCatalogueInput",
    "CatalogueImportPayload",
    "catalogueImport { id number }",
)
STATE = """
query Import($id: ID!) {
  catalogueImport(id: $id) { state total waiting created changed unchanged refused }
}
"""
REFUSED = """
query Refused($id: ID!, $after: String) {
  catalogueImport(id: $id) {
    items(first: 100, after: $after, filter: {outcome: [REFUSED]}) {
      nodes { position reference problems } pageInfo { hasNextPage endCursor }
    }
  }
}
"""


@dataclass(frozen=True)
class Refusal:
    line: int
    reference: str
    problems: list[str]


@dataclass
class Report:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    imports: list[int] = field(default_factory=list)
    """The numbers of the imports, as in their pages' addresses."""


Progress = Callable[[int], None]
"""Told how many more items are done."""


def hand_in(
    machine: Machine, rows: Iterable[Row], *, submit: bool, dry_run: bool, progress: Progress
) -> Report:
    """Raises InnoHubError where the hub takes a part not at all."""
    report, authorised = Report(), -FRESH_SECONDS * 1.0
    for part in _parts(rows):
        if time.monotonic() - authorised > FRESH_SECONDS:
            machine.authorise()
            authorised = time.monotonic()
        _one_part(machine, part, submit, dry_run, report, progress)
    return report


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    part: list[Row] = []
    size = 0
    for row in rows:
        length = len(json.dumps(row.item))
        if part and (len(part) == PART or size + length > PART_BYTES):
            yield part
            part, size = [], 0
        part.append(row)
        size += length
    if part:
        yield part


def _one_part(
    machine: Machine,
    part: list[Row],
    submit: bool,
    dry_run: bool,
    report: Report,
    progress: Progress,
) -> None:
    given = {"items": [row.item for row in part], "submit": submit, "dryRun": dry_run}
    taken_in = _taken_in(machine, part, given)
    id, done = taken_in["id"], 0
    while True:
        state = machine.query(STATE, id=id)["catalogueImport"]
        progress(state["total"] - state["waiting"] - done)
        done = state["total"] - state["waiting"]
        if state["state"] == "DONE":
            break
        time.sleep(LOOK_SECONDS)
    report.imports.append(taken_in["number"])
    for name in ("created", "changed", "unchanged", "refused"):
        setattr(report, name, getattr(report, name) + state[name])
    if state["refused"]:
        report.refusals += _refusals(machine, id, part)


def _taken_in(machine: Machine, part: list[Row], given: dict[str, Any]) -> dict[str, Any]:
    try:
        taken_in: dict[str, Any] = machine.change(HAND_IN, **given)["catalogueImport"]
    except Refused as error:
        first, last = part[0].line, part[-1].line
        raise InnoHubError(f"Lines {first} to {last} were not taken: {error}") from error
    return taken_in


def _refusals(machine: Machine, id: str, part: list[Row]) -> Iterator[Refusal]:
    after = None
    while True:
        items = machine.query(REFUSED, id=id, after=after)["catalogueImport"]["items"]
        for node in items["nodes"]:
            problems = [_told(problem) for problem in node["problems"]]
            yield Refusal(part[node["position"] - 1].line, node["reference"], problems)
        if not items["pageInfo"]["hasNextPage"]:
            return
        after = items["pageInfo"]["endCursor"]


def _told(problem: dict[str, Any]) -> str:
    about = problem.get("field")
    return f"{about}: {problem['message']}" if about else str(problem["message"])
