"""What the pilot's page says of its forces: their sites, and what each has done for its part."""

from typing import Any

import pytest

from innohub.web.pages.pilot.forces import forces_of

KENT, ESSEX = {"id": "1", "name": "Kent Police"}, {"id": "2", "name": "Essex Police"}
SITES = [
    {"name": "Medway", "role": "TREATMENT", "force": KENT},
    {"name": "Thanet", "role": "COMPARISON", "force": ESSEX},
]


def a_gate(force: dict[str, str], **given: Any) -> dict[str, Any]:
    return {"force": force, "coveredBy": None, "signedAt": None, **given}


def a_pilot(state: str, further: dict[str, Any], **given: Any) -> dict[str, Any]:
    joined = {"force": ESSEX, "approvedAt": None, "assuredAt": None, "recordedAt": None}
    return {
        "state": state, "force": KENT, "assuredAt": "2026-11-01", "sites": SITES,
        "gates": [], "steps": {"nodes": [{"verb": "request"}]},
        "furtherForces": [joined | {"leftAt": None, "leftReason": None} | further],
        **given,
    }  # fmt: skip


def told(pilot: dict[str, Any]) -> list[tuple[str, list[tuple[str, bool]]]]:
    return [
        (one.force["name"], [(check.words, check.done) for check in one.checks])
        for one in forces_of(pilot)
    ]


def test_each_force_has_its_own_sites_and_the_one_that_runs_it_comes_first() -> None:
    first, second = forces_of(a_pilot("SCOPING", {}))
    assert [first.runs_it, second.runs_it] == [True, False]
    assert [[site["name"] for site in one.sites] for one in (first, second)] == [
        ["Medway"],
        ["Thanet"],
    ]


def test_open_signatures_are_counted_for_the_force_that_owes_them() -> None:
    gates = [a_gate(ESSEX), a_gate(ESSEX), a_gate(ESSEX, signedAt="2026-11-02"), a_gate(KENT)]
    pilot = a_pilot("ASSURANCE", {"approvedAt": "2026-11-01"}, gates=gates, assuredAt=None)
    assert told(pilot) == [
        ("Kent Police", [("Owner approved", True), ("Reviewers to sign", False)]),
        ("Essex Police", [("Owner approved", True), ("2 reviewers to sign", False)]),
    ]


@pytest.mark.parametrize(
    ("recorded", "said"), [(None, ("Data to be recorded", False)), ("x", ("Data recorded", True))]
)
def test_once_it_has_ended_the_joined_forces_data_are_asked_for(
    recorded: str | None, said: tuple[str, bool]
) -> None:
    signed = {"approvedAt": "2026-11-01", "assuredAt": "2026-11-01", "recordedAt": recorded}
    (_, checks) = told(a_pilot("ANALYSING", signed))[1]
    assert checks[-1] == said


def test_who_may_not_know_of_the_data_is_told_nothing_of_them() -> None:
    signed = {"approvedAt": "2026-11-01", "assuredAt": "2026-11-01"}
    (_, checks) = told(a_pilot("ANALYSING", signed, steps={"nodes": []}))[1]
    assert [words for words, _ in checks] == ["Owner approved", "Reviewers signed"]


def test_a_force_that_left_is_named_with_its_reason() -> None:
    left = forces_of(a_pilot("RUNNING", {"leftAt": "2026-11-01", "leftReason": "No time."}))[1]
    assert (left.left, left.checks) == ("No time.", ())
