"""A technology that forces piloted by themselves, or that stood before the innovation board."""

from collections.abc import Sequence
from typing import Any

from innohub.open_data.pilots import planned
from innohub.open_data.words import Facts, Parties, document, listed, without_nothing

FINAL = "FINAL"
"""A round that still goes on may be public, and decides nothing yet."""


def told(
    technology: Facts | None, pilots: Sequence[Facts], rounds: Sequence[Facts], base_url: str
) -> dict[str, Any] | None:
    """The release's sections; None where nothing of it is in a public register."""
    own = [pilot for pilot in pilots if pilot["challenge"] is None]
    decided = [one for one in rounds if one["state"] == FINAL]
    if not technology or not (own or decided):
        return None
    parties = Parties(base_url)
    parties.add(technology["supplier"], "interestedParty")
    milestones, reports = planned(own, parties, base_url)
    shortlists = [
        _shortlist(one, base_url) for one in sorted(decided, key=lambda one: one["number"])
    ]
    planning = {
        "rationale": f"{technology['name']}: {technology['summary']}",
        "documents": [*reports, *shortlists],
        "milestones": milestones,
    }
    invented = [one["demonstration"] for one in (*own, *decided)]
    return without_nothing(
        {
            "parties": parties.all,
            "planning": without_nothing(planning),
            "demonstration": all(invented) or None,
        }
    )


def _shortlist(round: Facts, base_url: str) -> dict[str, Any]:
    def named(decision: str) -> str:
        chosen = [item for item in round["items"] if item["decision"] == decision]
        return listed(item["technology"]["name"] for item in chosen if item["technology"])

    return document(
        f"round-{round['number']}",
        "shortlistedFirms",
        f"Decision of the innovation board: {round['title']}",
        f"{round['purpose']} Shortlisted: {named('SHORTLISTED')}. In reserve: {named('RESERVE')}.",
        f"{base_url}/rounds/{round['number']}",
        round["publishedAt"],
    )
