"""The company hides words, with a reason, and shows them again; it never touches a score."""

from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Invalid, WrongState
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.models import Technology
from innohub.market.ratings import policy, service
from innohub.market.ratings.commands import HideWords, ReinstateWords
from innohub.market.ratings.models import Rating, Words
from innohub.notices.models import Notice
from innohub.outbox.models import AuditEntry
from tests.market.catalogue.stage import REASON, Stage
from tests.market.ratings.test_replying import answer, rated


def of(rating: Rating, **given: Any) -> dict[str, Any]:
    return {"rating_id": rating.id, "reason": REASON, **given}


async def hide(stage: Stage, rating: Rating, words: Words = Words.COMMENT) -> Rating:
    command = HideWords.parse(of(rating, words=words))
    hidden: Rating = await stage.do("programme_officer", service.hide, command)
    return hidden


async def reading(stage: Stage, rule: Any) -> set[str]:
    """Who reads the words that `rule` guards."""
    found = set()
    async with stage.database.session() as session:
        for part, actor in stage.actors.items():
            if await session.scalar(select(rule(Rating, Viewer(actor)))):
                found.add(part)
    return found


async def test_only_the_programme_officer_hides_words(stage: Stage) -> None:
    command = HideWords.parse(of(await rated(stage)))
    await stage.try_everybody(service.hide, command, allowed={"programme_officer"})


async def test_only_the_programme_officer_shows_them_again(stage: Stage) -> None:
    rating = await hide(stage, await rated(stage))
    command = ReinstateWords.parse(of(rating))
    await stage.try_everybody(service.reinstate, command, allowed={"programme_officer"})


async def test_a_hidden_comment_leaves_its_reason_and_its_scores(stage: Stage) -> None:
    rating = await rated(stage)
    hidden = await stage.load(await hide(stage, rating))
    assert hidden.comment_hidden_because == REASON
    assert (hidden.overall, hidden.comment) == (rating.overall, rating.comment)
    (technology,) = await stage.all(Technology)
    assert technology.rating_count == 1
    async with stage.database.session() as session:
        newest = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)
        entry = (await session.scalars(newest)).one()
    assert (entry.action, entry.reason, entry.detail) == (
        "rating:hide", REASON, {"words": "comment"},
    )  # fmt: skip


async def test_a_hidden_comment_is_read_by_its_force_and_the_moderators_alone(
    stage: Stage,
) -> None:
    rating = await rated(stage)
    assert await reading(stage, policy.comment_shown) == set(stage.actors)
    await hide(stage, rating)
    readers = await reading(stage, policy.comment_shown)
    assert readers == {"lead", "analyst", "chief", "reviewer", "programme_officer"}


async def test_a_hidden_reply_is_read_by_its_supplier_and_the_moderators_alone(
    stage: Stage,
) -> None:
    rating = await rated(stage)
    await stage.do("supplier_admin", service.reply, answer(rating))
    await hide(stage, rating, Words.REPLY)
    readers = await reading(stage, policy.reply_shown)
    assert readers == {
        "supplier_admin", "supplier_editor", "supplier_viewer", "writing_client",
        "reading_client", "programme_officer",
    }  # fmt: skip
    assert await reading(stage, policy.comment_shown) == set(stage.actors)


async def test_both_sides_are_told_of_what_was_hidden_and_why(stage: Stage) -> None:
    rating = await hide(stage, await rated(stage))
    told = [notice for notice in await stage.all(Notice) if "was hidden" in notice.text]
    sides = {stage.people[part].id for part in ("lead", "supplier_admin")}
    assert {notice.person_id for notice in told} == sides
    for notice in told:
        assert REASON in notice.text
        assert notice.path == f"/ratings/{rating.id}"


async def test_words_that_are_shown_again_are_read_by_all(stage: Stage) -> None:
    rating = await hide(stage, await rated(stage))
    await stage.do("programme_officer", service.reinstate, ReinstateWords.parse(of(rating)))
    assert await reading(stage, policy.comment_shown) == set(stage.actors)
    assert (await stage.load(rating)).comment_hidden_because is None
    assert (await stage.actions())[-1] == "rating:reinstate"


async def test_what_is_hidden_is_not_hidden_twice_nor_what_is_shown_shown_again(
    stage: Stage,
) -> None:
    rating = await rated(stage)
    with pytest.raises(WrongState, match="not hidden"):
        await stage.do("programme_officer", service.reinstate, ReinstateWords.parse(of(rating)))
    await hide(stage, rating)
    with pytest.raises(WrongState, match="hidden already"):
        await hide(stage, rating)
    with pytest.raises(WrongState, match="not replied"):
        await hide(stage, rating, Words.REPLY)


@pytest.mark.parametrize("command", [HideWords, ReinstateWords])
def test_a_reason_is_needed(command: Any) -> None:
    with pytest.raises(Invalid) as caught:
        command.parse({"rating_id": 1, "reason": "Rude"})
    assert caught.value.field == "reason"
