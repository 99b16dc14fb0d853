"""Tells the hub of earlier pilots, one by one.

A command that was interrupted is given again: the hub finds each pilot by the force's own
reference, and what stands already is left as it is.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from innohub.cli.calling import Change, Machine, Refused
from innohub.cli.importing.handing_in import FRESH_SECONDS, Refusal, Report
from innohub.cli.importing.reading import Row

TELL = Change("recordEarlierPilot", "RecordEarlierPilotInput", "EarlierPilotPayload", "outcome")
ITEM_IS_WRONG = {"invalid", "invalid_variables", "not_found", "conflict"}
"""What is about one item; whatever else the hub says no for holds for all of them."""
TOO_MANY = "too_many_requests"
PAUSE_SECONDS = 5.0
PAUSES = 24


def tell(
    machine: Machine, rows: Iterable[Row], *, dry_run: bool, progress: Callable[[], None]
) -> Report:
    """Raises InnoHubError where the hub takes none at all."""
    report, authorised = Report(), -FRESH_SECONDS * 1.0
    for row in rows:
        if time.monotonic() - authorised > FRESH_SECONDS:
            machine.authorise()
            authorised = time.monotonic()
        try:
            outcome = _told(machine, {**row.item, "dryRun": dry_run}).lower()
            setattr(report, outcome, getattr(report, outcome) + 1)
        except Refused as error:
            if error.reason not in ITEM_IS_WRONG:
                raise
            report.refused += 1
            reference = str(row.item.get("reference", "without a reference"))
            report.refusals.append(Refusal(row.line, reference, _problems(error)))
        progress()
    return report


def _told(machine: Machine, item: Mapping[str, Any]) -> str:
    """What became of the item. The hub bounds the requests of a minute: then wait."""
    for _ in range(PAUSES):
        try:
            return str(machine.change(TELL, **item)["outcome"])
        except Refused as error:
            if error.reason != TOO_MANY:
                raise
            time.sleep(PAUSE_SECONDS)
    return str(machine.change(TELL, **item)["outcome"])


def _problems(error: Refused) -> list[str]:
    if not error.rows:
        return [str(error)]
    return [
        f"{one['field']}: {one['message']}" if one["field"] else str(one["message"])
        for one in error.rows
    ]
