"""A challenge, as the planning of a contracting process that may follow."""

from typing import Any

from innohub.open_data.pilots import planned
from innohub.open_data.words import (
    Facts,
    Parties,
    document,
    moment,
    pounds,
    reference,
    without_nothing,
)

ENDED = {"ANSWERED": "met", "CLOSED_UNMET": "notMet", "WITHDRAWN": "notMet"}
ASKING = {"PUBLISHED", "CLARIFYING"}


def told(challenge: Facts | None, base_url: str) -> dict[str, Any] | None:
    """The release's sections; None for a challenge that is not published."""
    if challenge is None or challenge["publishedAt"] is None:
        return None
    parties = Parties(base_url)
    parties.add(challenge["force"], "buyer")
    for further in challenge["furtherForces"]:
        if further["joinedAt"]:
            parties.add(further["force"], "buyer")
    milestones, reports = planned(challenge["pilots"]["nodes"], parties, base_url)
    planning = {
        "rationale": challenge["problem"],
        "budget": _budget(challenge),
        "documents": [*_documents(challenge, base_url), *reports],
        "milestones": [_engagement(challenge), *milestones, *_end(challenge)],
    }
    return without_nothing(
        {
            "parties": parties.all,
            "buyer": reference(challenge["force"]),
            "planning": without_nothing(planning),
            "demonstration": challenge["demonstration"] or None,
        }
    )


def _budget(challenge: Facts) -> dict[str, Any] | None:
    """The standard has one amount: the upper end; the band stands in words."""
    lower, upper = challenge["budgetFromPence"], challenge["budgetToPence"]
    if upper is None:
        return None
    band = f"From £{lower / 100:,.2f} to £{upper / 100:,.2f}, without VAT."
    return {"description": band, "amount": pounds(upper)}


def _documents(challenge: Facts, base_url: str) -> list[dict[str, Any]]:
    number = challenge["number"]
    here = f"{base_url}/challenges/{number}"
    need = document(
        f"challenge-{number}-need",
        "needsAssessment",
        challenge["title"],
        _need(challenge),
        here,
        challenge["publishedAt"],
    )
    answered = [one for one in challenge["questions"]["nodes"] if one["answer"]]
    if not answered:
        return [need]
    said = " ".join(f"Question: {one['question']} Answer: {one['answer']}" for one in answered)
    asked = document(
        f"challenge-{number}-questions",
        "clarifications",
        f"Questions and answers: {challenge['title']}",
        said,
        here,
        max(one["answeredAt"] for one in answered),
    )
    return [need, asked]


def _need(challenge: Facts) -> str:
    baseline, unit = challenge["baselineValue"], challenge["kpiUnit"]
    today = "" if baseline is None else f" Today: {baseline:g} {unit or ''}".rstrip() + "."
    wanted = f"What must get better: {challenge['kpiLabel']}.{today}"
    limits = challenge["constraints"]
    return f"{wanted} Constraints: {limits}" if limits else wanted


def _engagement(challenge: Facts) -> dict[str, Any]:
    """Preliminary market engagement (UK2): suppliers respond until a day."""
    over = challenge["state"] not in ASKING
    withdrawn = challenge["state"] == "WITHDRAWN"
    return without_nothing(
        {
            "id": "responses",
            "title": "Suppliers respond",
            "type": "engagement",
            "dueDate": moment(challenge["respondBy"]),
            "dateMet": moment(challenge["respondBy"]) if over and not withdrawn else None,
            "status": "notMet" if withdrawn else "met" if over else "scheduled",
        }
    )


def _end(challenge: Facts) -> list[dict[str, Any]]:
    status = ENDED.get(challenge["state"])
    if status is None:
        return []
    ended = {
        "id": "end",
        "title": "The challenge is answered" if status == "met" else "The challenge is closed",
        "type": "assessment",
        "description": challenge["closingReason"],
        "dateMet": moment(challenge["closedAt"]) if status == "met" else None,
        "dateModified": moment(challenge["closedAt"]),
        "status": status,
    }
    return [without_nothing(ended)]
