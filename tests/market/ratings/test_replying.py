"""The supplier's one reply."""

import pytest

from innohub.errors import Conflict, Invalid, WrongState
from innohub.identity.models import Role
from innohub.market.ratings import service
from innohub.market.ratings.commands import ReplyToRating
from innohub.market.ratings.models import Rating
from innohub.notices.models import Notice
from tests.market.catalogue.stage import Stage
from tests.market.ratings.test_changing import changed
from tests.market.ratings.test_rating import piloted, rate


async def rated(stage: Stage) -> Rating:
    return await rate(stage, "lead", await piloted(stage, await stage.published(), stage.force))


def answer(rating: Rating, text: str = "Thank you, we mended it.") -> ReplyToRating:
    return ReplyToRating.parse({"rating_id": rating.id, "reply": text})


async def test_only_the_supplier_s_administrator_replies(stage: Stage) -> None:
    command = answer(await rated(stage))
    await stage.try_everybody(service.reply, command, allowed={"supplier_admin"})


async def test_a_reply_stands_beside_the_rating_and_is_recorded(stage: Stage) -> None:
    rating = await stage.load(
        await stage.do("supplier_admin", service.reply, answer(await rated(stage)))
    )
    assert rating.reply == "Thank you, we mended it."
    assert rating.replied_at == stage.database.clock()
    assert rating.replied_by_id == stage.people["supplier_admin"].id
    assert (await stage.actions())[-1] == "rating:reply"


async def test_each_side_hears_of_the_other(stage: Stage) -> None:
    rating = await rated(stage)
    await stage.do("supplier_admin", service.reply, answer(rating))
    notices = [notice for notice in await stage.all(Notice) if notice.key.startswith("rating/")]
    assert {notice.person_id: notice.text for notice in notices} == {
        stage.people["supplier_admin"].id: (
            "Kent Police rated Redact Swiftly: 4.0 of 5. You may reply once."
        ),
        stage.people["lead"].id: ("The supplier of Redact Swiftly replied to your force's rating."),
    }


async def test_there_is_one_reply_to_each_rating(stage: Stage) -> None:
    rating = await rated(stage)
    await stage.do("supplier_admin", service.reply, answer(rating))
    before = await stage.fingerprint()
    with pytest.raises(Conflict, match="one to each"):
        await stage.do("supplier_admin", service.reply, answer(rating, "One more thing."))
    assert await stage.fingerprint() == before


async def test_of_two_replies_at_once_one_is_a_conflict(stage: Stage) -> None:
    rating = await rated(stage)
    await stage.cast({"second_admin": (stage.supplier, Role.SUPPLIER_ADMIN)})
    _, second = await stage.overlap(
        ("supplier_admin", service.reply, answer(rating, "Ours.")),
        ("second_admin", service.reply, answer(rating, "Mine.")),
    )
    assert isinstance(second, Conflict)
    assert (await stage.load(rating)).reply == "Ours."


async def test_a_superseded_rating_is_not_answered_but_the_new_one_is(stage: Stage) -> None:
    rating = await rated(stage)
    newer = await stage.do("lead", service.change, changed(rating, 5))
    with pytest.raises(WrongState, match="the one that stands"):
        await stage.do("supplier_admin", service.reply, answer(rating))
    await stage.do("supplier_admin", service.reply, answer(newer))


async def test_a_reply_stays_with_the_rating_that_it_answers(stage: Stage) -> None:
    rating = await rated(stage)
    await stage.do("supplier_admin", service.reply, answer(rating))
    newer = await stage.do("lead", service.change, changed(rating, 5))
    assert (await stage.load(rating)).reply is not None
    assert (await stage.load(newer)).reply is None


def test_an_empty_reply_is_none() -> None:
    with pytest.raises(Invalid) as caught:
        ReplyToRating.parse({"rating_id": 1, "reply": "  "})
    assert caught.value.field == "reply"
