"""Observations: checked before they count, added up to the cells, kept whole or not at all."""

import asyncio
import hashlib
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text, update

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.market.evidence import service
from innohub.market.evidence.models import TrialDataset
from innohub.market.evidence.observing import checking, commands
from innohub.market.evidence.observing.models import (
    OBSERVATIONS,
    ObservationRun,
    TrialUpload,
    TrialUploadPart,
    UploadKind,
    UploadState,
)
from innohub.market.evidence.observing.running import MOST_TRIES, OURS
from tests.market.evidence.uploads import checked, observed, receive, record
from tests.market.pilots.cast import CELLS, Cast, a_cast

WHY = "Two files were counted twice in the first export."
S = UploadState


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def rows(cast: Cast, table: Any) -> int:
    async with cast.database.session() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_observations_are_added_up_to_the_cells_and_kept(cast: Cast) -> None:
    pilot = await cast.running()
    upload = await checked(cast, pilot, observed())
    assert (upload.state, upload.kind) == (S.CHECKED, UploadKind.OBSERVATIONS)
    assert (upload.rows_read, upload.problem_count, upload.cells) == (800, 0, CELLS)
    assert upload.understood == {
        "encoding": "UTF-8", "separator": "comma", "sites": 1, "clusters": 0,
        "columns": ["arm", "period", "site", "unit_id", "event"], "first_on": None, "last_on": None,
    }  # fmt: skip
    assert await rows(cast, TrialDataset) == 0
    dataset = await record(cast, upload)
    assert (dataset.version, dataset.source, dataset.cells) == (1, "csv", CELLS)
    assert dataset.observation_count == 800
    assert dataset.observations_hash == upload.observations_hash
    assert await rows(cast, OBSERVATIONS) == 800
    assert await rows(cast, TrialUploadPart) == 0
    kept = await cast.load(TrialUpload, upload.id)
    assert (kept.state, kept.expires_at) == (S.RECORDED, None)


async def test_a_file_of_totals_is_understood_at_once_and_counts_once_confirmed(cast: Cast) -> None:
    pilot = await cast.running()
    csv = b"arm,period,events,n\ntreatment,after,80,400\ncomparison,after,40,400\n"
    upload = await receive(cast, pilot, csv)
    assert (upload.state, upload.kind, upload.cells) == (S.CHECKED, UploadKind.TOTALS, CELLS)
    assert await rows(cast, TrialDataset) == 0
    dataset = await record(cast, upload)
    assert (dataset.cells, dataset.observation_count) == (CELLS, None)


async def test_a_result_from_observations_reproduces(cast: Cast) -> None:
    pilot = await cast.running()
    await record(cast, await checked(cast, pilot, observed()))
    await _finish(cast, pilot)
    result = await cast.compute(pilot)
    found = await _reproduce(cast, result.id)
    assert (found.differing, found.observations) == ([], 800)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE trial_observation SET site = 'Kent' WHERE unit_id = 'T3'", "hash"),
        ("DELETE FROM trial_observation WHERE unit_id = 'T3'", "799, not 800"),
        ("UPDATE trial_observation SET event = 1 - event WHERE unit_id IN ('T3', 'T90')", "hash"),
    ],
)
async def test_totals_that_no_longer_follow_from_their_observations_are_told(
    cast: Cast, change: str, told: str
) -> None:
    pilot = await cast.running()
    await record(cast, await checked(cast, pilot, observed()))
    await _finish(cast, pilot)
    result = await cast.compute(pilot)
    async with cast.database.session() as session, session.begin():
        await session.execute(text(change))
    with pytest.raises(Conflict, match=told):
        await _reproduce(cast, result.id)


async def test_the_hash_is_that_of_the_files_own_lines(cast: Cast) -> None:
    pilot = await cast.running()
    head, *lines = observed().splitlines(keepends=True)
    for ordered in (lines, lines[::-1]):
        upload = await checked(cast, pilot, head + b"".join(ordered))
        assert upload.observations_hash == hashlib.sha256(b"".join(ordered)).hexdigest()


async def test_rows_that_changed_places_do_not_fit_their_hash(cast: Cast) -> None:
    pilot = await cast.running()
    await record(cast, await checked(cast, pilot, observed()))
    await _finish(cast, pilot)
    result = await cast.compute(pilot)
    swapped = (
        "UPDATE trial_observation SET number = (SELECT 2 * min(number) + 1 FROM trial_observation)"
        " - number WHERE number <= (SELECT min(number) + 1 FROM trial_observation)"
    )
    async with cast.database.session() as session, session.begin():
        await session.execute(text(swapped))
    with pytest.raises(Conflict, match="hash"):
        await _reproduce(cast, result.id)


async def test_two_uploads_at_once_keep_their_rows_apart(cast: Cast) -> None:
    pilot = await cast.running()
    first, second = [await receive(cast, pilot, observed(t)) for t in (80, 90)]
    await asyncio.gather(*(service.check_due(cast.database) for _ in range(2)))
    for upload, treated in ((first, 80), (second, 90)):
        dataset = await record(cast, upload, correction_reason="The later count is right.")
        assert {c["arm"]: c["events"] for c in dataset.cells}["treatment"] == treated
        async with cast.database.session() as session:
            held = select(OBSERVATIONS.c.event).where(ObservationRun.of(upload.id))
            events = (await session.scalars(held)).all()
        assert (len(events), sum(events)) == (800, treated + 40)


async def test_one_bad_row_at_the_end_is_told_and_nothing_is_kept(cast: Cast) -> None:
    pilot = await cast.running()
    upload = await checked(cast, pilot, observed() + b"treatment,after,Medway,X1,7\n")
    assert (upload.state, upload.problem_count) == (S.REFUSED, 1)
    (problem,) = upload.problems
    assert (problem["row"], problem["column"]) == (802, "event")
    assert "“7” is not 0 or 1" in problem["message"]
    assert await rows(cast, OBSERVATIONS) == await rows(cast, TrialUploadPart) == 0
    with pytest.raises(WrongState):
        await record(cast, upload)


async def test_what_is_wrong_with_all_rows_together_is_told_once(cast: Cast) -> None:
    pilot = await cast.running()
    upload = await checked(cast, pilot, observed() + b"treatment,after,Medway,T3,1\n")
    assert [problem["message"] for problem in upload.problems] == [
        "This unit was told already, on line 5."
    ]


async def test_every_problem_is_counted_and_the_first_thousand_are_told(cast: Cast) -> None:
    pilot = await cast.running()
    faulty = observed().replace(b",1\n", b",2\n").replace(b",0\n", b",x\n") * 2
    upload = await checked(cast, pilot, faulty)
    assert upload.problem_count > 1_200
    assert len(upload.problems) == 1_000
    assert upload.problems == sorted(upload.problems, key=lambda one: one["row"])


async def test_a_worker_that_dies_leaves_nothing_and_another_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    pilot = await cast.running()
    upload = await receive(cast, pilot, observed())
    dying = pytest.MonkeyPatch()

    def dies(*_: Any) -> None:
        raise asyncio.CancelledError

    dying.setattr(checking.Check, "_conclude", dies)
    with pytest.raises(asyncio.CancelledError):
        await service.check_due(cast.database)
    dying.undo()
    assert await rows(cast, OBSERVATIONS) == 0
    held = await cast.load(TrialUpload, upload.id)
    assert (held.state, held.tries) == (S.CHECKING, 1)
    assert await service.check_due(cast.database) == 0
    cast.database.clock.pass_days(1)  # type: ignore[attr-defined]
    assert await service.check_due(cast.database) == 1
    again = await cast.load(TrialUpload, upload.id)
    assert (again.state, again.tries, again.rows_read) == (S.CHECKED, 2, 800)
    assert await rows(cast, OBSERVATIONS) == 800


async def test_a_worker_that_was_thought_dead_stores_nothing(cast: Cast) -> None:
    pilot = await cast.running()
    upload = await receive(cast, pilot, observed())
    late = checking.Check._settle

    async def overtaken(self: checking.Check, session: Any, verb: str, found: Any) -> None:
        async with cast.database.session() as other, other.begin():
            await other.execute(
                update(TrialUpload).where(TrialUpload.id == upload.id).values(tries=9)
            )
        await late(self, session, verb, found)

    patch = pytest.MonkeyPatch()
    patch.setattr(checking.Check, "_settle", overtaken)
    await service.check_due(cast.database)
    patch.undo()
    assert await rows(cast, OBSERVATIONS) == 0
    assert (await cast.load(TrialUpload, upload.id)).state is S.CHECKING


async def test_a_file_at_which_the_hub_fails_is_given_up_after_three_times(cast: Cast) -> None:
    pilot = await cast.running()
    upload = await receive(cast, pilot, observed())
    patch = pytest.MonkeyPatch()

    def fails(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    patch.setattr(checking.Check, "_conclude", fails)
    for _ in range(MOST_TRIES + 1):
        await service.check_due(cast.database)
        cast.database.clock.pass_days(0.01)  # type: ignore[attr-defined]
    patch.undo()
    given_up = await cast.load(TrialUpload, upload.id)
    assert given_up.state is S.REFUSED
    assert given_up.problems[0]["message"] == OURS
    assert await rows(cast, TrialUploadPart) == 0


async def test_what_is_taken_back_or_never_confirmed_is_swept_away(cast: Cast) -> None:
    pilot = await cast.running()
    taken = await checked(cast, pilot, observed())
    forgotten = await checked(cast, pilot, observed(70))
    kept = await checked(cast, pilot, observed(60))
    await record(cast, kept)
    command = commands.AbandonUpload.parse({"upload_id": taken.id})
    await cast.do("analyst", service.abandon_upload, command)
    assert await service.sweep_uploads(cast.database) == 1
    assert await rows(cast, OBSERVATIONS) == 1_600
    cast.database.clock.pass_days(3)  # type: ignore[attr-defined]
    assert await service.sweep_uploads(cast.database) == 1
    assert await rows(cast, OBSERVATIONS) == 800
    async with cast.database.session() as session:
        assert (await session.scalars(select(TrialUpload.id))).all() == [kept.id]
        assert await session.get(TrialUpload, forgotten.id) is None


async def test_three_uploads_wait_at_most(cast: Cast) -> None:
    pilot = await cast.running()
    for _ in range(3):
        await receive(cast, pilot, observed())
    with pytest.raises(Conflict, match="3 uploads of your force wait"):
        await receive(cast, pilot, observed())


async def test_a_correction_says_what_it_corrects_and_the_same_again_is_no_version(
    cast: Cast,
) -> None:
    pilot = await cast.running()
    first = await record(cast, await checked(cast, pilot, observed()))
    again = await checked(cast, pilot, observed())
    assert (await record(cast, again)).id == first.id
    assert (await cast.load(TrialUpload, again.id)).state is S.ABANDONED
    changed = await checked(cast, pilot, observed(79))
    with pytest.raises(Invalid) as caught:
        await record(cast, changed)
    assert caught.value.field == "correction_reason"
    second = await record(cast, changed, correction_reason=WHY)
    assert (second.version, second.correction_reason) == (2, WHY)


async def test_other_observations_with_the_same_totals_are_a_correction(cast: Cast) -> None:
    pilot = await cast.running()
    await record(cast, await checked(cast, pilot, observed()))
    moved = await checked(cast, pilot, observed().replace(b"Medway", b"Swale", 1))
    assert moved.cells == CELLS
    with pytest.raises(Invalid, match="say what you correct"):
        await record(cast, moved)
    assert (await record(cast, moved, correction_reason=WHY)).version == 2


async def test_what_was_seen_at_an_older_state_is_not_recorded(cast: Cast) -> None:
    pilot = await cast.running()
    upload = await checked(cast, pilot, observed())
    with pytest.raises(Conflict):
        await record(cast, upload, revision=pilot.revision - 1)
    assert await rows(cast, TrialDataset) == 0


async def test_an_upload_is_recorded_once(cast: Cast) -> None:
    pilot = await cast.running()
    upload = await checked(cast, pilot, observed())
    outcomes = await asyncio.gather(
        record(cast, upload), record(cast, upload), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["TrialDataset", "WrongState"]
    assert await rows(cast, TrialDataset) == 1


async def test_uploads_are_for_the_force_that_hands_them_in(cast: Cast) -> None:
    pilot = await cast.running()
    upload = await checked(cast, pilot, observed())
    for part in ("supplier_admin", "rival_admin", "other_analyst", "board_member", "adviser"):
        with pytest.raises(NotFound):
            await record(cast, upload, part)
        with pytest.raises((Denied, NotFound)):
            await receive(cast, pilot, observed(), part)
    assert await rows(cast, TrialDataset) == 0


async def test_nothing_is_received_before_the_lock_or_after_the_report(cast: Cast) -> None:
    early, _ = await cast.with_protocol()
    with pytest.raises(WrongState):
        await receive(cast, early, observed())
    late, _ = await cast.reported(overlap_choice="independent_check")
    with pytest.raises(WrongState):
        await receive(cast, late, observed())
    assert await rows(cast, TrialUpload) == 0


async def _finish(cast: Cast, pilot: Any) -> None:
    from innohub.market.pilots import commands as pilot_commands
    from innohub.market.pilots import service as pilots

    await cast.step("sro", pilots.finish, pilot_commands.FinishPilot, pilot)


async def _reproduce(cast: Cast, result_id: int) -> Any:
    from innohub.identity.actor import SYSTEM

    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        return await service.reproduce(work, result_id)
