"""A pilot in words and numbers: what its page says, made of nothing but the row that was read."""

from datetime import date
from typing import Any

import pytest

from innohub.db import identifiers
from innohub.identity.actor import STRANGER, Actor, ActorKind, Seat
from innohub.identity.models import OrganisationKind, Role
from innohub.identity.permissions import OF_ROLE
from innohub.market.pilots.models import PilotState
from innohub.web.pages.new_integration.subscription import families, told
from innohub.web.pages.pilot import numbers
from innohub.web.pages.pilot.next_steps import next_steps
from innohub.web.pages.pilot.standing import Standing
from innohub.web.pages.pilot.timeline import moments
from innohub.web.pages.pilots.view import STAGES

TODAY = date(2026, 11, 2)
KENT = {"id": identifiers.encode("Force", 7), "name": "Kent Police"}
PLOVERGATE = {"id": identifiers.encode("Supplier", 9), "name": "Plovergate"}
SHARE = {
    "kpiType": "proportion", "unit": "percent", "direction": "HIGHER_IS_BETTER",
    "minimumImportantEffect": 0.05, "baselineValue": 0.42,
}  # fmt: skip
RATE = SHARE | {
    "kpiType": "count_rate", "unit": "per 1000 shifts", "direction": "LOWER_IS_BETTER",
    "minimumImportantEffect": 0.2, "baselineValue": 34.07,
}  # fmt: skip
MINUTES = RATE | {"kpiType": "mean", "unit": "minutes", "minimumImportantEffect": 2.5}
POUNDS = MINUTES | {"unit": "GBP", "minimumImportantEffect": 1250.5, "baselineValue": 8000.0}


def a_row(state: PilotState, **changed: Any) -> dict[str, Any]:
    """A pilot as the page reads it."""
    return {
        "state": state.name,
        "force": KENT,
        "supplier": PLOVERGATE,
        "citation": None,
        "startOn": date(2026, 9, 1),
        "endOn": date(2027, 3, 1),
        "requestedAt": "2026-06-01T09:00:00+00:00",
        "publishedAt": None,
        "supplierAcceptedAt": None,
        "supplierAnsweredAt": None,
        "commentDueOn": None,
        "assuredAt": None,
        "protocol": None,
        "result": None,
        "datasets": {"nodes": []},
        "ratings": [],
        "steps": {"nodes": []},
        "turns": [],
        "costs": {"overThreshold": False, "route": None},
        "furtherForces": [],
        "gates": [],
        "pausedBy": None,
        "resumeAgreedAt": None,
        "noDataReason": None,
    } | changed


def inside() -> Standing:
    seat = Seat(7, OrganisationKind.FORCE, OF_ROLE[Role.FORCE_ANALYST])
    return Standing.of(Actor(ActorKind.PERSON, "Ravi", 1, seats=(seat,)), a_row(PilotState.SCOPING))


def outside() -> Standing:
    return Standing.of(STRANGER, a_row(PilotState.SCOPING))


def test_every_state_stands_in_exactly_one_filter_of_the_register() -> None:
    listed = [state for _, states in STAGES.values() for state in states]
    assert sorted(listed) == sorted(PilotState)


@pytest.mark.parametrize("state", PilotState)
def test_every_state_says_what_comes_next_and_who_must_act(state: PilotState) -> None:
    for standing in (inside(), outside()):
        found = next_steps(a_row(state), standing, TODAY)
        if state in {PilotState.DECLINED, PilotState.LAPSED}:
            assert found == []
        else:
            assert found[-1].who.startswith(("Kent Police: ", "Plovergate")) or (
                state is PilotState.DECIDED
            )


@pytest.mark.parametrize(
    ("state", "changed", "words"),
    [
        (PilotState.SCOPING, {}, "Accept or decline the request."),
        (PilotState.SCOPING, {"supplierAcceptedAt": "x"}, "Approve the scope and the dates."),
        (
            PilotState.ASSURANCE,
            {"protocol": {"lockedAt": None, "unanswered": []}},
            "Sign the assurance.",
        ),
        (
            PilotState.ASSURANCE,
            {"protocol": {"lockedAt": None, "unanswered": ["TIMING"]}, "assuredAt": "x"},
            "Write the protocol.",
        ),
        (
            PilotState.ASSURANCE,
            {"protocol": {"lockedAt": None, "unanswered": []}, "assuredAt": "x"},
            "Read the protocol and lock it, as a second person.",
        ),
        (
            PilotState.ANALYSING,
            {"datasets": {"nodes": [{"version": 1}]}},
            "Compute the result from the recorded data.",
        ),
        (
            PilotState.ANALYSING,
            {"datasets": {"nodes": [{"version": 1}]}, "result": {"confirmedAt": None}},
            "Reproduce the result and confirm it, as a second analyst.",
        ),
        (
            PilotState.DECIDED,
            {"commentDueOn": date(2026, 11, 9)},
            "Comment on the facts by 9 November 2026, or say that there is no comment.",
        ),
    ],
)
def test_the_next_step_follows_what_was_done(
    state: PilotState, changed: dict[str, Any], words: str
) -> None:
    assert next_steps(a_row(state, **changed), inside(), TODAY)[0].words == words


def test_an_overdue_result_is_said_to_be_so() -> None:
    late = {"lockedAt": "2026-06-01T09:00:00+00:00", "resultDueOn": date(2026, 10, 1)}
    (*_, last) = next_steps(a_row(PilotState.ANALYSING, protocol=late), outside(), TODAY)
    assert last.words == "The result was due on 1 October 2026 and is overdue."
    told_already = a_row(PilotState.PUBLISHED, protocol=late)
    assert "overdue" not in str(next_steps(told_already, outside(), TODAY))


def test_the_public_timeline_shows_dates_in_order_and_what_is_planned() -> None:
    due = {"lockedAt": "2026-08-20T09:00:00+00:00", "resultDueOn": date(2027, 4, 1)}
    found = moments(a_row(PilotState.RUNNING, protocol=due), TODAY)
    assert [(one.words, one.planned) for one in found] == [
        ("Requested", False),
        ("Protocol locked", False),
        ("Planned start", False),
        ("Planned end", True),
        ("Result due", True),
    ]


@pytest.mark.parametrize(
    ("scale", "values", "protocol", "value", "interval"),
    [
        ("rate_ratio", (0.48, 0.21, 1.11), RATE, "0.48 (52% lower)",
         "0.21 (79% lower) to 1.11 (11% higher)"),
        ("rate_ratio", (3.2, 1.0, 8.0), RATE, "3.20 (3.2 times as high)",
         "1.00 (no difference) to 8.00 (8.0 times as high)"),
        ("risk_difference", (-0.032, -0.042, 0.001), SHARE, "−3.2 percentage points",
         "−4.2 to +0.1 percentage points"),
        ("difference_in_differences", (0.1, 0.0, 0.2), SHARE, "+10.0 percentage points",
         "0.0 to +20.0 percentage points"),
        ("mean_difference", (-24.4, -30.6, -0.5), MINUTES, "−24.4 minutes",
         "−30.6 to −0.5 minutes"),
        ("mean_difference", (-1200.0, -2000.5, 10.0), POUNDS, "−£1,200.00",
         "−£2,000.50 to +£10.00"),
        ("proportion", (0.843, 0.8, 0.9), SHARE, "84.3%", "80.0% to 90.0%"),
        ("rate", (0.0341, 0.02, 0.05), RATE, "34.1 per 1000 shifts",
         "20.0 to 50.0 per 1000 shifts"),
        ("rate_difference", (-0.0341, -0.05, 0.02), RATE, "−34.1 per 1000 shifts",
         "−50.0 to +20.0 per 1000 shifts"),
        ("mean", (12.0, 11.0, 13.0), MINUTES, "12.0 minutes", "11.0 to 13.0 minutes"),
        ("mean_difference", (-24.4, -30.6, -18.2), None, "−24.4", "−30.6 to −18.2"),
    ],
)  # fmt: skip
def test_an_effect_is_told_on_the_scale_people_read(
    scale: str,
    values: tuple[float, float, float],
    protocol: dict[str, Any] | None,
    value: str,
    interval: str,
) -> None:
    effect, lower, upper = values
    result = {"scale": scale, "effect": effect, "lower": lower, "upper": upper, "secondary": {}}
    (line,) = numbers.measures(result, protocol)
    assert (line.value, line.interval) == (value, interval)


@pytest.mark.parametrize(
    ("protocol", "smallest", "baseline"),
    [
        (SHARE, "5 percentage points higher", "42%"),
        (RATE, "20% lower", "34.1 per 1000 shifts"),
        (MINUTES, "2.5 minutes lower", "34.1 minutes"),
        (POUNDS, "£1,250.50 lower", "£8,000.00"),
    ],
)
def test_a_plan_is_told_in_the_units_of_its_kpi(
    protocol: dict[str, Any], smallest: str, baseline: str
) -> None:
    assert numbers.smallest(protocol) == smallest
    assert numbers.baseline(protocol) == baseline


def test_a_very_small_p_value_is_not_told_as_nothing() -> None:
    assert [numbers.p_value(p) for p in (None, 0.00004, 0.0871)] == ["", "under 0.001", "0.087"]


def test_subscriptions_are_told_without_what_they_cover_anyway() -> None:
    assert told(["pilot.*", "rating.created"]) == "pilot.*, rating.created"
    assert told(["*", "connector.test", "pilot.*"]) == "everything, connector.test"
    assert {"pilot.*", "listing.*", "round.*"} <= {family.name for family in families()}
    assert families()[-1].name == "connector.*"
