"""Each step from data to decision: who may take it, and in which states."""

from typing import Any

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.market.evidence import commands, service
from innohub.market.pilots.models import PilotState
from innohub.market.pilots.service import finish
from tests.market.pilots.authority import Rule, try_every_state, try_everybody
from tests.market.pilots.cast import CELLS, Cast, a_cast

UNCONFIRMED_HIDES_FROM = frozenset(
    {
        "other_lead", "other_sro", "other_analyst", "other_reviewer", "assurance_officer",
        "catalogue_reviewer", "board_member", "supplier_admin", "supplier_viewer", "rival_admin",
        "supplier_client", "reading_client", "force_client", "stranger",
    }
)  # fmt: skip


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def to_record(cast: Cast) -> Any:
    pilot = await cast.running()
    return commands.RecordTrialData.parse({"pilot_id": pilot.id, "cells": CELLS})


async def to_report(cast: Cast) -> Any:
    from innohub.market.pilots.commands import FinishPilot

    pilot = await cast.recorded()
    await cast.step("sro", finish, FinishPilot, pilot)
    return commands.ReportResult.parse({"pilot_id": pilot.id})


async def to_confirm(cast: Cast) -> Any:
    _, result = await cast.computed()
    return commands.ConfirmResult.parse({"result_id": result.id})


async def to_comment(cast: Cast) -> Any:
    pilot, _ = await cast.reported()
    return commands.CommentOnResult.parse({"pilot_id": pilot.id, "comment": "No objection."})


async def to_decide(cast: Cast) -> Any:
    pilot, _ = await cast.reported()
    reason = "Twice as many files pass, at a fair price."
    given = {"decision": "adopt", "reason": reason, "economics": "It pays for itself."}
    return commands.DecidePilot.parse({"pilot_id": pilot.id, **given})


S = PilotState
RULES = {
    "record_data": Rule(
        service.record_data,
        to_record,
        {"analyst", "second_analyst", "force_client"},
        states=frozenset({S.RUNNING, S.PAUSED, S.ANALYSING, S.STOPPED}),
    ),
    "report": Rule(
        service.report,
        to_report,
        {"analyst", "second_analyst"},
        states=frozenset({S.ANALYSING, S.STOPPED}),
    ),
    "confirm": Rule(
        service.confirm,
        to_confirm,
        {"second_analyst", "adviser"},
        UNCONFIRMED_HIDES_FROM,
        frozenset({S.ANALYSING}),
    ),
    "comment": Rule(
        service.comment,
        to_comment,
        {"supplier_admin", "supplier_client"},
        states=frozenset({S.REPORTED, S.DECIDED}),
    ),
    "decide": Rule(service.decide, to_decide, {"sro", "chief"}, states=frozenset({S.REPORTED})),
}


@pytest.mark.parametrize("step", RULES)
async def test_only_those_named_may_take_the_step(cast: Cast, step: str) -> None:
    await try_everybody(cast, RULES[step])


@pytest.mark.parametrize("step", RULES)
async def test_the_step_is_refused_in_every_other_state(cast: Cast, step: str) -> None:
    await try_every_state(cast, RULES[step])
