"""A batch of observations that is sent again is added once."""

from typing import Any

import pytest_asyncio
from sqlalchemy import func, select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.market.evidence import service
from innohub.market.evidence.observing.commands import OpenUpload
from innohub.market.evidence.observing.models import OBSERVATIONS, TrialUpload
from tests.graphql.conftest import Client
from tests.market.pilots.cast import Cast, a_cast

ADD = """mutation ($input: AddObservationsInput!) { addObservations(input: $input) {
    ... on TrialUploadPayload { upload { rowsRead } }
    ... on Failure { code message problems { field message } } } }"""
KEY = '"0a4f1bd2-0c2f-4f58-9a80-3d8e57f4b0c1"'
BATCH = [
    {"arm": arm, "period": "after", "unitId": f"{arm[0]}{number}", "event": "1"}
    for arm in ("treatment", "comparison")
    for number in range(3)
]


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


@pytest_asyncio.fixture
async def upload(cast: Cast) -> TrialUpload:
    pilot = await cast.running()
    command = OpenUpload(pilot_id=pilot.id)
    opened: TrialUpload = await cast.do("force_client", service.open_upload, command)
    return opened


async def send(
    client: Any, upload: TrialUpload, rows: list[dict[str, str]], key: str | None = KEY
) -> Any:
    given = {"uploadId": identifiers.encode("TrialUpload", upload.id), "observations": rows}
    headers = {"Idempotency-Key": key} if key else {}
    body = {"query": ADD, "variables": {"input": given}}
    return await client.post("/graphql", json=body, headers=headers)


async def stored(cast: Cast) -> int:
    async with cast.database.session() as session:
        return int(await session.scalar(select(func.count()).select_from(OBSERVATIONS)) or 0)


async def test_the_same_batch_with_its_key_is_added_once(
    api: Client, cast: Cast, upload: TrialUpload
) -> None:
    client = api(cast["force_client"])
    first, again = await send(client, upload, BATCH), await send(client, upload, BATCH)
    assert first.json()["data"]["addObservations"]["upload"] == {"rowsRead": len(BATCH)}
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert await stored(cast) == len(BATCH)
    assert (await cast.load(TrialUpload, upload.id)).rows_read == len(BATCH)


async def test_another_batch_with_that_key_is_refused_and_adds_nothing(
    api: Client, cast: Cast, upload: TrialUpload
) -> None:
    client = api(cast["force_client"])
    await send(client, upload, BATCH)
    other = await send(client, upload, [{**row, "unitId": row["unitId"] + "x"} for row in BATCH])
    assert other.status_code == 422
    assert other.json()["errors"][0]["extensions"]["code"] == "idempotency_key_reused"
    assert await stored(cast) == len(BATCH)


async def test_a_batch_that_was_refused_keeps_no_key(
    api: Client, cast: Cast, upload: TrialUpload
) -> None:
    client = api(cast["force_client"])
    refused = await send(client, upload, [{**BATCH[0], "event": "many"}])
    assert refused.json()["data"]["addObservations"]["code"] == "invalid"
    mended = await send(client, upload, BATCH)
    assert mended.json()["data"]["addObservations"]["upload"] == {"rowsRead": len(BATCH)}
    assert await stored(cast) == len(BATCH)
