"""What the running hub does with bad input: it says what is wrong, and nothing is changed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from innohub.cli.calling import Caller, Machine, Refused
from innohub.cli.demo import evidence, piloting, publishing
from innohub.cli.demo import operations as op
from innohub.cli.demo.accounts import Key
from innohub.cli.demo.callers import Person
from innohub.cli.demo.listing import FACTS
from innohub.cli.demo.market import ANALYST, FORCE, LEAD, OWNER, SUPPLIER, Market
from innohub.cli.demo.trials import BEFORE_AFTER, RANDOMISED, WITH_COMPARISON, plan_of
from tests.journeys.bad_files import BAD_FILES
from tests.journeys.conftest import RunningHub
from tests.journeys.scene import Scene, at_once, refusal

OTHER_SUPPLIER = "Ottersby Contact"
MIB = 1024 * 1024
LISTING = "query ($id: ID!) { node(id: $id) { ... on Technology { state revision name } } }"


@pytest.fixture(scope="module")
def scene(market: Market) -> Scene:
    for step in (publishing.authorise, publishing.publish, publishing.review):
        step(market)
    market.machine(FORCE).authorise()
    lead = market.person(LEAD, FORCE)
    trials = (RANDOMISED, WITH_COMPARISON, BEFORE_AFTER)
    running, scoping, contested = (piloting.request_one(market, lead, each) for each in trials)
    market.pilots = [running]
    for step in (piloting.accept, piloting.approve, piloting.lock, piloting.start):
        step(market)
    return Scene(market, running, scoping, contested)


@pytest.fixture
def unchanged(scene: Scene) -> Iterator[None]:
    """The running pilot is the same before the test and after it."""
    before = scene.stands(scene.running)
    yield
    assert scene.stands(scene.running) == before


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_results_file_is_refused_with_line_and_column_and_nothing_is_loaded(
    scene: Scene, name: str
) -> None:
    content, words = BAD_FILES[name]
    with pytest.raises(Refused) as refused:
        _upload(scene, content)
    assert refused.value.reason == "400"
    for word in words:
        assert word in refused.value.message


@pytest.mark.usefixtures("unchanged")
def test_a_results_file_of_more_than_a_mebibyte_is_refused(scene: Scene) -> None:
    with pytest.raises(Refused) as refused:
        _upload(scene, b"arm,period,events,n\n" + b" " * MIB)
    assert refused.value.reason in ("400", "413")


@pytest.mark.usefixtures("unchanged")
def test_bad_cells_sent_as_data_are_refused_with_the_place_of_each(scene: Scene) -> None:
    cells = [
        {"arm": "treatment", "period": "after", "events": -1, "n": 1120},
        {"arm": "comparison", "period": "later", "events": 349, "n": 1135, "mean": 2.5},
    ]
    with pytest.raises(Refused) as refused:
        scene.market.machine(FORCE).change(op.RECORD, pilotId=scene.running.id, cells=cells)
    assert refused.value.reason == "invalid"
    fields = {problem["field"] for problem in refused.value.rows}
    assert fields == {"cells.0.events", "cells.1.period", "cells.1.mean"}


@pytest.mark.usefixtures("unchanged")
def test_a_pilot_cannot_be_rated_before_it_is_over(scene: Scene) -> None:
    given = {"pilotId": scene.running.id, "comment": evidence.COMMENT, **evidence.STARS}
    assert refusal(lambda: scene.lead.change(op.RATE, **given)) == "wrong_state"


def test_results_cannot_come_before_the_lock(scene: Scene) -> None:
    before = scene.stands(scene.scoping)
    cells = [dict(cell) for cell in scene.scoping.trial.cells]
    for caller in (scene.market.machine(FORCE), scene.analyst):
        given = {"pilotId": scene.scoping.id, "cells": cells}
        assert refusal(lambda: caller.change(op.RECORD, **given)) == "wrong_state"  # noqa: B023
    assert scene.stands(scene.scoping) == before


@pytest.mark.usefixtures("unchanged")
def test_steps_out_of_their_turn_or_by_the_wrong_person_are_told_apart(scene: Scene) -> None:
    pilot = {"pilotId": scene.running.id}
    owner = scene.market.person(OWNER, FORCE)
    admin = scene.market.person("Supplier admin", SUPPLIER)
    why = "Before anything was found out."
    decided = {**pilot, "decision": "ADOPT", "reason": why, "mechanism": why}
    assert refusal(lambda: owner.change(op.DECIDE, **decided)) == "wrong_state"
    assert refusal(lambda: scene.analyst.change(op.REPORT, **pilot)) == "wrong_state"
    assert refusal(lambda: admin.change(op.FINISH, **pilot)) == "denied"
    with Person(scene.market.hub) as visitor:
        assert refusal(lambda: visitor.change(op.FINISH, **pilot)) == "not_signed_in"


def test_a_draft_cannot_be_seen_or_published_by_another_supplier(scene: Scene) -> None:
    owner, other = (scene.market.machine(each) for each in (SUPPLIER, OTHER_SUPPLIER))
    other.authorise()
    draft = owner.change(op.DRAFT, name="Ploverscribe draft", **FACTS)["technology"]
    before = owner.query(LISTING, id=draft["id"])
    given = {"technologyId": draft["id"]}
    assert refusal(lambda: other.query(LISTING, id=draft["id"])) == "not_found"
    assert refusal(lambda: other.change(op.SUBMIT, **given)) == "not_found"
    assert refusal(lambda: other.change(op.APPROVE_LISTING, **given)) == "not_found"
    assert refusal(lambda: owner.change(op.APPROVE_LISTING, **given)) == "denied"
    assert refusal(lambda: owner.change(op.SUBMIT, **given)) == "invalid"
    assert owner.query(LISTING, id=draft["id"]) == before


def test_two_people_acting_at_once_on_one_pilot_end_in_one_step_and_one_conflict(
    scene: Scene,
) -> None:
    """The supplier's machine accepts while its admin declines: both saw the same revision."""
    machine = scene.market.machine(SUPPLIER)
    admin = scene.market.person("Supplier admin", SUPPLIER)
    pilot = {"pilotId": scene.contested.id}
    seen = {**pilot, "revision": scene.stands(scene.contested)["revision"]}
    why = "Our field team has no days left this quarter."
    accepted, declined = at_once(
        lambda: machine.change(op.ACCEPT, **seen),
        lambda: admin.change(op.DECLINE, **seen, reason=why),
    )
    stands = scene.stands(scene.contested)
    if accepted is None:
        assert declined == "conflict"
        assert stands["state"] == "SCOPING"
        assert stands["supplierAcceptedAt"] is not None
        assert stands["closingReason"] is None
    else:
        assert (accepted, declined) in {("conflict", None), ("wrong_state", None)}
        assert stands["state"] == "DECLINED"
        assert stands["supplierAcceptedAt"] is None
        assert stands["closingReason"] == why


def test_of_two_analysts_who_change_one_protocol_at_once_one_is_told_to_read_it_again(
    scene: Scene,
) -> None:
    analysts = [scene.market.person(ANALYST, FORCE, number) for number in range(2)]
    plan = plan_of(scene.scoping.trial, scene.market.today)
    pilot = {"pilotId": scene.scoping.id}
    analysts[0].change(op.PROPOSE_PROTOCOL, **pilot, **plan)
    revision = scene.stands(scene.scoping)["protocol"]["revision"]

    def proposes(number: int, size: int) -> Callable[[], Any]:
        given = {**pilot, **plan, "sampleSize": size, "revision": revision}
        return lambda: analysts[number].change(op.PROPOSE_PROTOCOL, **given)

    refusals = at_once(proposes(0, 5_000), proposes(1, 6_000))
    assert set(refusals) == {None, "conflict"}
    stands = scene.stands(scene.scoping)["protocol"]
    assert stands["sampleSize"] == (5_000 if refusals[0] is None else 6_000)
    assert stands["revision"] == revision + 1


def test_the_token_endpoint_answers_bad_clients_as_the_rfc_says(hub: RunningHub) -> None:
    key = hub.accounts.client(SUPPLIER)
    wrong_secret = replace(key, client_secret="ihs_" + "x" * 43)
    unknown = Key("Nobody", "ihc_" + "0" * 24, key.client_secret, key.scopes)
    answers = []
    for bad in (wrong_secret, unknown):
        with Machine(hub.address, bad) as machine:
            answers.append(_asks_for_token(machine, bad))
    for answer in answers:
        assert answer.status_code == 401
        assert answer.json()["error"] == "invalid_client"
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert answer.headers["Cache-Control"] == "no-store"
    assert answers[0].json() == answers[1].json(), "whether a client exists is not told"


def test_an_unknown_scope_gives_no_token_at_all(hub: RunningHub) -> None:
    key = hub.accounts.client(SUPPLIER)
    with Machine(hub.address, key) as machine:
        for scopes in ("listings.read everything.write", "results.write"):
            answer = _asks_for_token(machine, key, scope=scopes)
            assert answer.status_code == 400
            assert answer.json()["error"] == "invalid_scope"
            assert "access_token" not in answer.json()


def test_a_revoked_token_is_refused_at_once_with_a_challenge(hub: RunningHub) -> None:
    key = hub.accounts.client(SUPPLIER)
    with Machine(hub.address, key) as machine:
        token = machine.authorise()["access_token"]
        assert machine.query("{ viewer { isClient } }") == {"viewer": {"isClient": True}}
        with Machine(hub.address, key) as other:
            auth = (key.client_id, key.client_secret)
            revoked = other.send("POST", "/oauth/revoke", data={"token": token}, auth=auth)
            assert revoked.status_code == 200
        answer = machine.send("POST", "/graphql", json={"query": "{ viewer { isClient } }"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
        machine.authorise()
        assert machine.query("{ viewer { isClient } }") == {"viewer": {"isClient": True}}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_more_than_a_mebibyte_on_graphql_is_413(hub: RunningHub, chunked: bool) -> None:
    body = json.dumps({"query": "{ viewer { name } }", "variables": {"x": "y" * MIB}}).encode()
    pieces = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    with Caller(hub.address, "A client") as client:
        answer = client.send(
            "POST",
            "/graphql",
            content=pieces if chunked else body,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 413
        assert client.query("{ viewer { signedIn } }") == {"viewer": {"signedIn": False}}


def test_a_form_from_elsewhere_changes_nothing(scene: Scene) -> None:
    before = scene.stands(scene.contested)
    page = f"/pilots/{scene.contested.number}"
    sent = {"do": "decline", "pilot_id": scene.contested.id, "reason": "Sent by another site."}
    owner = scene.market.person(OWNER, FORCE)
    assert owner.send("POST", page, data=sent).status_code == 403
    forged = {**sent, "csrf_token": "salt.mac"}
    assert owner.send("POST", page, data=forged).status_code == 403
    foreign = {"Origin": "https://elsewhere.example"}
    assert owner.send("POST", page, data=sent, headers=foreign).status_code == 403
    assert scene.stands(scene.contested) == before


def test_dates_that_have_passed_are_refused_where_they_were_entered(scene: Scene) -> None:
    page = f"/technologies/{scene.market.listing.slug}/pilot"
    yesterday = scene.market.today - timedelta(days=1)
    given = {
        "title": "Too late",
        "question": "Does anything start yesterday?",
        "site": "Anywhere",
        "kpi": "use_of_force",
        **piloting.date_fields("start_on", yesterday),
        **piloting.date_fields("end_on", scene.market.today),
    }
    with pytest.raises(Refused, match="cannot lie in the past") as refused:
        scene.lead.submit(page, "check", given)
    assert refused.value.reason == "400"


def _upload(scene: Scene, content: bytes) -> None:
    page = f"/pilots/{scene.running.number}/results"
    files = {"csv": ("results.csv", content, "text/csv")}
    scene.analyst.submit(page, "upload", {}, files=files)


def _asks_for_token(machine: Machine, key: Key, **form: str) -> httpx2.Response:
    data = {"grant_type": "client_credentials", **form}
    return machine.send("POST", "/oauth/token", data=data, auth=(key.client_id, key.client_secret))
