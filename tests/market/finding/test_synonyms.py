"""Reviewers keep the words that searches use."""

import pytest
from sqlalchemy import func, select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind, Role
from innohub.market.finding import service
from innohub.market.finding.commands import AddSynonyms, ChangeSynonyms, RetireSynonyms
from innohub.market.finding.models import SynonymSet
from innohub.outbox.models import AuditEntry
from tests.factories import an_organisation, somebody
from tests.market.finding.conftest import Finds
from tests.web.shelf import a_listing

REASON = "Nobody says this any longer."


@pytest.fixture
async def reviewer(database: Database) -> Actor:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    return (await somebody(database, company, Role.CATALOGUE_REVIEWER)).actor


async def add(database: Database, actor: Actor, *words: str, use: str = "alike") -> SynonymSet:
    async with database.unit_of_work(actor.signature()) as work:
        command = AddSynonyms.parse({"use": use, "words": list(words)})
        return await service.add_synonyms(work, actor, command)


async def test_added_words_stand_for_each_other_at_once(
    database: Database, reviewer: Actor, finds: Finds
) -> None:
    await a_listing(database, "Hailer", summary="A loudhailer for crowds.")
    assert await finds("megaphone") == []
    await add(database, reviewer, "megaphone", "loudhailer")
    assert await finds("megaphone") == ["Hailer"]


async def test_changed_and_retired_words_are_audited_and_used_no_more(
    database: Database, reviewer: Actor, finds: Finds
) -> None:
    await a_listing(database, "Hailer", summary="A loudhailer for crowds.")
    added = await add(database, reviewer, "megaphone", "loudhailer")
    async with database.unit_of_work(reviewer.signature()) as work:
        change = ChangeSynonyms(set_id=added.id, words=["bullhorn", "loudhailer"], revision=1)
        await service.change_synonyms(work, reviewer, change)
    assert await finds("bullhorn") == ["Hailer"]
    assert await finds("megaphone") == []
    async with database.unit_of_work(reviewer.signature()) as work:
        await service.retire_synonyms(
            work, reviewer, RetireSynonyms(set_id=added.id, reason=REASON)
        )
    assert await finds("bullhorn") == []
    async with database.session() as session:
        actions = await session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq))
        assert actions.all() == ["synonyms:add", "synonyms:change", "synonyms:retire"]


async def test_a_word_that_says_little_is_left_out(
    database: Database, reviewer: Actor, finds: Finds
) -> None:
    await a_listing(database, "Lantern", summary="A lamp for searches.")
    await a_listing(database, "Whatsit", summary="A gadget with a lamp.")
    assert (await finds("lamp gadget"))[0] == "Whatsit"
    await add(database, reviewer, "gadget", use="little")
    assert set(await finds("lamp gadget")) == {"Lantern", "Whatsit"}
    assert await finds("gadget") == ["Whatsit"]


async def test_two_who_change_one_set_at_once_do_not_overwrite_each_other(
    database: Database, reviewer: Actor
) -> None:
    added = await add(database, reviewer, "megaphone", "loudhailer")
    change = ChangeSynonyms(set_id=added.id, words=["one", "other"], revision=7)
    async with database.unit_of_work(reviewer.signature()) as work:
        with pytest.raises(Conflict):
            await service.change_synonyms(work, reviewer, change)


async def test_a_retired_set_is_changed_no_more(database: Database, reviewer: Actor) -> None:
    added = await add(database, reviewer, "megaphone", "loudhailer")
    retire = RetireSynonyms(set_id=added.id, reason=REASON)
    async with database.unit_of_work(reviewer.signature()) as work:
        await service.retire_synonyms(work, reviewer, retire)
    async with database.unit_of_work(reviewer.signature()) as work:
        with pytest.raises(WrongState):
            await service.retire_synonyms(work, reviewer, retire)


@pytest.mark.parametrize("words", [["alone"], ["the", "of"], ["--", "drone"], []])
async def test_a_set_that_changes_no_search_is_refused(
    database: Database, reviewer: Actor, words: list[str]
) -> None:
    with pytest.raises(Invalid):
        await add(database, reviewer, *words)


async def test_nobody_else_sees_or_keeps_them(database: Database, reviewer: Actor) -> None:
    added = await add(database, reviewer, "megaphone", "loudhailer")
    board = await an_organisation(database, OrganisationKind.BOARD)
    other = (await somebody(database, board, Role.BOARD_CHAIR)).actor
    with pytest.raises(Denied):
        await add(database, other, "lamp", "torch")
    async with database.unit_of_work(other.signature()) as work:
        with pytest.raises(NotFound):
            await service.retire_synonyms(
                work, other, RetireSynonyms(set_id=added.id, reason=REASON)
            )


async def test_the_hub_begins_with_the_words_of_the_file(database: Database) -> None:
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(SynonymSet)) >= 50
