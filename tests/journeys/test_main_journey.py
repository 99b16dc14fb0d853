"""The whole loop over real HTTP, as `innohub demo` drives it."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from innohub.cli.calling import Refused
from innohub.cli.demo import STEPS, Outcome, play, played
from innohub.cli.demo import operations as op
from innohub.cli.demo.callers import Person
from innohub.cli.demo.market import Market
from innohub.cli.demo.receiving import RESULTS
from innohub.db.embedded.wheel import free_port
from tests.journeys.conftest import RunningHub


@dataclass(frozen=True)
class Told:
    """After the demonstration, while its people are still signed in."""

    market: Market
    outcome: Outcome


@pytest.fixture(scope="module")
def told(hub: RunningHub) -> Iterator[Told]:
    with played(hub.address, hub.accounts) as (market, outcome):
        assert outcome.failure is None, outcome.rows
        yield Told(market, outcome)


def test_every_step_of_the_main_job_is_done(told: Told) -> None:
    assert told.outcome.done == len(STEPS)
    assert all(row.ok for row in told.outcome.rows)


def test_the_effects_are_those_that_the_figures_have(told: Told) -> None:
    """Worked out here from the cells, apart from the engine."""
    randomised, compared, before_after = (pilot.found for pilot in told.market.pilots)
    assert randomised["scale"] == "risk_difference"
    assert randomised["effect"] == pytest.approx(412 / 1120 - 349 / 1135)
    assert randomised["lower"] < randomised["effect"] < randomised["upper"]
    change, change_elsewhere = (74 / 2140) / (92 / 2100), (85 / 2080) / (88 / 2050)
    assert compared["effect"] == pytest.approx(change / change_elsewhere)
    assert before_after["effect"] == pytest.approx(2.6 - 3.4)
    verdicts = [found["verdict"] for found in (randomised, compared, before_after)]
    assert verdicts == ["WORKED", "INCONCLUSIVE", "PROMISING"]


def test_the_force_was_shown_the_pilots_like_its_own_and_the_hub_remembers_them(
    told: Told,
) -> None:
    lead = told.market.person("Force innovation lead", "Westmarch Police")
    found = [lead.query(op.PILOT, id=pilot.id)["pilot"] for pilot in told.market.pilots]
    shown = [{(o["other"]["number"], o["because"]) for o in pilot["overlaps"]} for pilot in found]
    # Another story of this hub's may have brought in pilots from before it.
    alike = [len(pilot["overlaps"]) + len(pilot["earlierOverlaps"]) for pilot in found]
    assert alike == [pilot.alike for pilot in told.market.pilots]
    first, second, _ = (pilot["number"] for pilot in found)
    assert {because for _, because in shown[0]} == {"same_kpi"}
    assert {(first, "same_technology")} <= shown[1]
    assert {(first, "same_technology"), (second, "same_technology")} <= shown[2]
    choices = [pilot["overlapChoice"].lower() for pilot in found]
    assert choices == [pilot.trial.overlap_choice for pilot in told.market.pilots]


def test_the_receiving_system_counts_what_the_hub_counts(told: Told) -> None:
    system = told.market.receiver
    report, state = system.report(), system.state()
    assert system.delivered_by_type() == report["by_type"]
    assert report["by_type"][RESULTS] == len(told.market.pilots)
    assert state["delivered"] == report["received"]
    assert (state["waiting"], state["dead"]) == (0, 0)
    assert report["failed_on_purpose"] == 1
    assert report["duplicates"] == 0
    assert report["out_of_order"] == []
    assert report["refused"] == {}


def test_nothing_of_it_is_shown_to_another_supplier(told: Told) -> None:
    other = told.market.person("Supplier admin", "Ottersby Contact")
    with pytest.raises(Refused, match="shown no integration"):
        other.query(op.INTEGRATION, id=told.market.receiver.connection_id)
    page = f"/integrations/{told.market.receiver.connection_number}"
    assert other.send("GET", page).status_code == 404


def test_a_visitor_reads_result_and_shortlist_without_an_account(told: Told) -> None:
    with Person(told.market.hub) as visitor:
        pilot = visitor.read(f"/pilots/{told.market.pilots[0].number}")
        assert told.market.pilots[0].trial.title in pilot.text
        assert "Worked" in pilot.text
        items = visitor.query(op.ROUND, id=told.market.round.id)["round"]["items"]
    assert {item["decision"] for item in items} <= {"SHORTLISTED", "RESERVE", "DECLINED"}
    ours = next(i for i in items if i["technology"]["id"] == told.market.listing.id)
    assert (ours["decision"], ours["rank"], ours["evidenceCap"]) == ("SHORTLISTED", 1, 5)


def test_the_command_can_be_given_again_on_the_same_hub(told: Told, hub: RunningHub) -> None:
    done = _command(hub, "demo", "--base-url", hub.address)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every step done" in done.stdout
    assert "refused, as it must" in " ".join(done.stdout.split())
    assert "Traceback" not in done.stderr


def test_the_audit_chain_holds_after_it(told: Told, hub: RunningHub) -> None:
    done = _command(hub, "audit", "verify")
    assert done.returncode == 0, done.stderr
    assert "The audit trail holds" in done.stdout


def test_a_step_that_fails_is_named_and_ends_the_command_with_1(hub: RunningHub) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    done = _command(hub, "demo", "--base-url", nobody)
    assert done.returncode == 1
    assert "Failed" in done.stdout
    assert f"The hub at {nobody} does not answer" in done.stderr
    assert "Traceback" not in done.stderr

    outcome = play(nobody, hub.accounts)
    assert outcome.failure is not None
    assert outcome.done == 0


def _command(hub: RunningHub, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "innohub.cli.main", *words],
        env={**hub.environment, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
