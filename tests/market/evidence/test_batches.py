"""Observations in batches: each added whole or not at all, and checked together before they
count."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid, NotFound, TooLarge, WrongState
from innohub.market.evidence import service
from innohub.market.evidence.models import TrialDataset
from innohub.market.evidence.observing import batches, commands
from innohub.market.evidence.observing.models import OBSERVATIONS, TrialUpload, UploadState
from innohub.market.pilots.models import Pilot
from tests.market.evidence.uploads import checked, observed, record
from tests.market.pilots.cast import CELLS, Cast, a_cast

Unit = dict[str, str]


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def units(arm: str, events: int, of: int = 400) -> list[Unit]:
    """The same as in the file of `observed`."""
    return [
        {
            "arm": arm, "period": "after", "site": "Medway",
            "unit_id": f"{arm[0].upper()}{number}", "event": str(int(number < events)),
        }
        for number in range(of)
    ]  # fmt: skip


async def opened(cast: Cast, pilot: Pilot, part: str = "force_client") -> TrialUpload:
    command = commands.OpenUpload.parse({"pilot_id": pilot.id})
    upload: TrialUpload = await cast.do(part, service.open_upload, command)
    return upload


async def add(
    cast: Cast, upload: TrialUpload, rows: list[Unit], part: str = "force_client"
) -> TrialUpload:
    given: dict[str, Any] = {"upload_id": upload.id, "observations": rows}
    command = commands.AddObservations.parse(given)
    added: TrialUpload = await cast.do(part, service.add_observations, command)
    return added


async def rows(cast: Cast) -> int:
    async with cast.database.session() as session:
        return int(await session.scalar(select(func.count()).select_from(OBSERVATIONS)) or 0)


async def test_batches_come_to_what_the_same_file_comes_to(cast: Cast) -> None:
    pilot = await cast.running()
    upload = await opened(cast, pilot)
    await add(cast, upload, units("treatment", 80))
    assert (await add(cast, upload, units("comparison", 40))).rows_read == 800
    dataset = await record(cast, upload, "force_client")
    assert (dataset.source, dataset.cells, dataset.observation_count) == ("api", CELLS, 800)
    file = await checked(cast, pilot, observed())
    assert dataset.observations_hash == file.observations_hash
    assert (await record(cast, file)).id == dataset.id


async def test_a_batch_with_a_problem_is_not_added(cast: Cast) -> None:
    upload = await opened(cast, await cast.running())
    await add(cast, upload, units("treatment", 1, of=3))
    faulty = units("comparison", 1, of=3)
    faulty[1] |= {"event": "45%", "site": "medway"}
    faulty[2] |= {"arm": "placebo"}
    with pytest.raises(Invalid) as caught:
        await add(cast, upload, faulty)
    assert [one.field for one in caught.value.problems] == [
        "observations.1.event",
        "observations.2.arm",
    ]
    assert await rows(cast) == 3
    assert (await cast.load(TrialUpload, upload.id)).rows_read == 3


async def test_a_unit_told_twice_is_named_within_a_batch_and_over_all_of_them(cast: Cast) -> None:
    upload = await opened(cast, await cast.running())
    some = units("treatment", 1, of=3)
    with pytest.raises(Invalid) as caught:
        await add(cast, upload, [*some, some[0]])
    problem = caught.value.problems[0]
    assert problem.field == "observations.3.unit_id"
    assert problem.message == "This unit was told already, by observation 0 of the batch."
    await add(cast, upload, some)
    await add(cast, upload, some[1:2])
    with pytest.raises(Invalid, match="told already") as caught:
        await record(cast, upload, "force_client")
    assert [one.message for one in caught.value.problems] == ["The unit “T1” was told twice."]
    async with cast.database.session() as session:
        assert (await session.scalars(select(TrialDataset))).all() == []


async def test_every_batch_fills_the_same_columns(cast: Cast) -> None:
    upload = await opened(cast, await cast.running())
    with pytest.raises(Invalid, match="Leave “value” out"):
        await add(cast, upload, [units("treatment", 1, of=1)[0] | {"value": "3"}])
    await add(cast, upload, units("treatment", 1, of=3))
    with pytest.raises(Invalid, match="Leave “cluster” out, as the first batch did"):
        await add(cast, upload, [units("comparison", 1, of=1)[0] | {"cluster": "North"}])


async def test_what_is_missing_is_told_when_all_is_there(cast: Cast) -> None:
    upload = await opened(cast, await cast.running())
    with pytest.raises(Invalid, match="Nothing was added"):
        await record(cast, upload, "force_client")
    await add(cast, upload, units("treatment", 1, of=3))
    with pytest.raises(Invalid, match="A row for “comparison, after” is missing"):
        await record(cast, upload, "force_client")
    assert (await cast.load(TrialUpload, upload.id)).state is UploadState.OPEN


async def test_nothing_is_added_once_it_was_recorded_or_taken_back(cast: Cast) -> None:
    pilot = await cast.running()
    done, back = await opened(cast, pilot), await opened(cast, pilot)
    await add(cast, done, units("treatment", 80) + units("comparison", 40))
    await record(cast, done, "force_client")
    command = commands.AbandonUpload.parse({"upload_id": back.id})
    await cast.do("force_client", service.abandon_upload, command)
    for upload in (done, back):
        with pytest.raises(WrongState):
            await add(cast, upload, units("treatment", 1, of=1))
    assert await rows(cast) == 800


async def test_an_upload_has_a_most_of_rows(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = await opened(cast, await cast.running())
    monkeypatch.setattr(batches, "MAX_ROWS", 4)
    await add(cast, upload, units("treatment", 1, of=3))
    with pytest.raises(TooLarge):
        await add(cast, upload, units("comparison", 1, of=3))


async def test_another_force_adds_nothing(cast: Cast) -> None:
    upload = await opened(cast, await cast.running())
    for part in ("other_analyst", "supplier_admin", "lead"):
        with pytest.raises(NotFound):
            await add(cast, upload, units("treatment", 1, of=1), part)
    assert await rows(cast) == 0
