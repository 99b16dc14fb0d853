"""The forces of a pilot with their sites, and how far each has come: approved, signed, recorded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from innohub.market.pilots.models import PilotState as S
from innohub.web.pages.pilot.standing import open_gates

Row = Mapping[str, Any]

UNAPPROVED = {S.PROPOSED, S.OVERLAP_REVIEW, S.SCOPING, S.DECLINED, S.LAPSED}
WITH_DATA = {S.STOPPED, S.ANALYSING, S.REPORTED, S.DECIDED, S.PUBLISHED}


@dataclass(frozen=True)
class Check:
    """One thing that a force owes the pilot, and whether it is there."""

    words: str
    done: bool


@dataclass(frozen=True)
class TakingPart:
    """One force of the pilot. `left` says why a force that joined takes no part after all."""

    force: Row
    runs_it: bool
    sites: list[Row]
    checks: tuple[Check, ...] = ()
    left: str | None = None


def forces_of(pilot: Row) -> list[TakingPart]:
    """The force that runs it first, then those that joined, in that order."""
    return list(_forces(pilot)) if pilot["force"] else []


def _forces(pilot: Row) -> Iterator[TakingPart]:
    approved = S[pilot["state"]] not in UNAPPROVED
    signed = pilot["assuredAt"] is not None
    own = (_owner(approved), _reviewers(pilot, pilot["force"], signed))
    yield TakingPart(pilot["force"], True, _sites(pilot, pilot["force"]), own)
    for further in pilot["furtherForces"]:
        force = further["force"]
        sites = _sites(pilot, force)
        if further["leftAt"]:
            yield TakingPart(force, False, sites, left=further["leftReason"])
            continue
        checks = [
            _owner(further["approvedAt"] is not None),
            _reviewers(pilot, force, further["assuredAt"] is not None),
        ]
        if S[pilot["state"]] in WITH_DATA and pilot["steps"]["nodes"]:
            recorded = further["recordedAt"] is not None
            checks.append(Check("Data recorded" if recorded else "Data to be recorded", recorded))
        yield TakingPart(force, False, sites, tuple(checks))


def _sites(pilot: Row, force: Row) -> list[Row]:
    return [site for site in pilot["sites"] if site["force"]["id"] == force["id"]]


def _owner(done: bool) -> Check:
    return Check("Owner approved" if done else "Owner to approve", done)


def _reviewers(pilot: Row, force: Row, done: bool) -> Check:
    if done:
        return Check("Reviewers signed", True)
    waiting = [gate for gate in open_gates(pilot) if gate["force"]["name"] == force["name"]]
    count = f"{len(waiting)} reviewers" if len(waiting) > 1 else "Reviewers"
    return Check(f"{count} to sign", False)
