"""A pilot is a milestone of planning, of the type `assessment`; its result a document."""

from collections.abc import Iterable
from typing import Any

from innohub.open_data.words import Facts, Parties, document, moment, without_nothing

OVER = {"PUBLISHED", "STOPPED"}


def planned(
    pilots: Iterable[Facts], parties: Parties, base_url: str
) -> tuple[list[Any], list[Any]]:
    """The milestones and the documents of these pilots, the first begun first; whoever takes part
    is added to `parties`."""
    milestones, documents = [], []
    for pilot in sorted(pilots, key=lambda one: one["number"]):
        parties.add(pilot["force"], "buyer")
        parties.add(pilot["supplier"], "interestedParty")
        milestones.append(_milestone(pilot))
        result = pilot["result"]
        if result and result["publishedAt"]:
            documents.append(_report(pilot, result, base_url))
    return milestones, documents


def _milestone(pilot: Facts) -> dict[str, Any]:
    protocol = pilot["protocol"] or {}
    due = protocol.get("resultDueOn") or pilot["endOn"]
    return without_nothing(
        {
            "id": f"pilot-{pilot['number']}",
            "title": pilot["title"],
            "type": "assessment",
            "description": _described(pilot),
            "dueDate": moment(due),
            "dateMet": moment(pilot["publishedAt"]) if _status(pilot) == "met" else None,
            "status": _status(pilot),
        }
    )


def _described(pilot: Facts) -> str:
    technology = pilot["technology"]
    tried = f" of {technology['name']}" if technology else ""
    told = f"A pilot{tried}. {pilot['question']} Measured by: {pilot['kpiLabel']}."
    if pilot["stopReason"]:
        told += f" Stopped: {pilot['stopReason'].replace('_', ' ').lower()}."
    return told


def _status(pilot: Facts) -> str:
    """By what is recorded alone, so that a release never changes by the passing of time."""
    result = pilot["result"]
    if result and result["publishedAt"]:
        return "partiallyMet" if pilot["stopReason"] else "met"
    return "notMet" if pilot["state"] in OVER else "scheduled"


def _report(pilot: Facts, result: Facts, base_url: str) -> dict[str, Any]:
    return document(
        f"pilot-{pilot['number']}-result-{result['revision']}",
        "evaluationReports",
        f"Result of the pilot: {pilot['title']}",
        result["finding"],
        f"{base_url}/pilots/{pilot['number']}",
        result["publishedAt"],
    )
