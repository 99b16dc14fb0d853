"""Who sees which result and which data, as the predicates select them."""

from typing import Any

import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import Database
from innohub.identity.viewer import Viewer
from innohub.market.evidence import commands, policy, service
from innohub.market.evidence.models import DataSource, Result, TrialDataset
from tests.market.pilots.cast import Cast, a_cast

FORCE = {
    "lead", "sro", "chief", "analyst", "second_analyst", "assurance_reviewer", "force_viewer",
}  # fmt: skip


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def seeing(cast: Cast, model: Any, predicate: Any) -> set[str]:
    seen = set()
    async with cast.database.session() as session:
        for part, actor in cast.actors.items():
            found = []
            for row in (model, aliased(model)):
                query = select(row.id).where(predicate(row, Viewer(actor)))
                found.append((await session.scalars(query)).first() is not None)
            assert found[0] == found[1], part
            if found[0]:
                seen.add(part)
    return seen


async def test_an_unconfirmed_result_stays_inside_the_force(cast: Cast) -> None:
    await cast.computed()
    assert await seeing(cast, Result, policy.visible) == FORCE | {"adviser"}


async def test_a_confirmed_result_is_for_the_supplier_to_comment_on(cast: Cast) -> None:
    await cast.reported()
    supplier = {"supplier_admin", "supplier_viewer", "supplier_client"}
    assert await seeing(cast, Result, policy.visible) == FORCE | supplier | {"adviser"}


async def test_a_client_that_reads_published_results_reads_no_others(cast: Cast) -> None:
    await cast.reported()
    assert "reading_client" not in await seeing(cast, Result, policy.visible)


async def test_a_published_result_is_public(cast: Cast) -> None:
    pilot, _ = await cast.decided()
    await cast.step("supplier_admin", service.comment, commands.CommentOnResult, pilot)
    assert await seeing(cast, Result, policy.visible) == set(cast.actors)


async def test_the_data_stay_with_the_force_after_the_publication_too(cast: Cast) -> None:
    pilot, _ = await cast.decided()
    await cast.step("supplier_admin", service.comment, commands.CommentOnResult, pilot)
    readers = FORCE | {"adviser", "force_client"}
    assert await seeing(cast, TrialDataset, policy.dataset_visible) == readers


async def test_data_that_the_literature_printed_are_public(cast: Cast) -> None:
    await cast.recorded()
    async with cast.database.session() as session, session.begin():
        await session.execute(update(TrialDataset).values(source=DataSource.LITERATURE))
    assert await seeing(cast, TrialDataset, policy.dataset_visible) == set(cast.actors)


async def test_predicates_have_one_text_for_viewers_of_one_shape(cast: Cast) -> None:
    for model, predicate in [(Result, policy.visible), (TrialDataset, policy.dataset_visible)]:
        texts = {
            str(select(model).where(predicate(model, Viewer(cast[part]))))
            for part in ("supplier_admin", "rival_admin")
        }
        assert len(texts) == 1
