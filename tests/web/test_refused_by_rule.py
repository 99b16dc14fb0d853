"""What breaks a rule of the board, of quotes or of pools is refused by the name of the rule, by the
API as by the page, and changes nothing."""

from typing import Any

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.market.board import service as board
from innohub.market.board.commands import CloseScoring
from tests.market.board.rounds import WEIGHTS, WHY, a_board_stage, plan_fields
from tests.market.catalogue.stage import Stage
from tests.market.demand.stage import REASON, TERMS, a_pool_stage
from tests.web.parts import as_actor, forge
from tests.web.visitor import Visitor


def gid(kind: str, row: Any) -> str:
    return identifiers.encode(kind, row.id)


async def refused(
    visitor: Visitor,
    stage: Stage,
    part: str,
    rule: str | None,
    api: tuple[str, str, dict[str, Any]],
    page: tuple[str, str, dict[str, Any]],
) -> None:
    """By the mutation and by the form, to the same words where the page shows them."""
    await as_actor(visitor, stage.actors[part])
    before = await stage.fingerprint()
    field, kind, given = api
    query = (
        f"mutation ($input: {kind}!) {{ answer: {field}(input: $input) "
        "{ ... on Failure { code message rule problems { message rule } } } }"
    )
    body = {"query": query, "variables": {"input": given}}
    answer = (await visitor.client.post("/graphql", json=body)).json()["data"]["answer"]
    if rule is not None:
        assert rule in {answer["rule"], *(problem["rule"] for problem in answer["problems"])}
    path, do, fields = page
    seen = await forge(visitor, path, do, **fields)
    if rule is None:
        assert (answer["code"], seen.status) == ("not_found", 404)
    else:
        assert seen.status in (400, 409)
        assert any(problem["message"] in seen.response.text for problem in answer["problems"])
    assert await stage.fingerprint() == before


async def test_weights_a_late_score_and_one_by_a_recused_member(
    visitor: Visitor, database: Database
) -> None:
    stage = await a_board_stage(database)
    uneven = {"evidence_of_effect": 50, "value_for_money": 49}
    plan = plan_fields(stage)
    fields = {
        "title": plan["title"], "purpose": plan["purpose"], "places": 1, "quorum": 3,
        "members": [gid("Person", stage.people[part]) for part in ("chair", "member_2")],
        **{
            f"criteria.{n}.{key}": value
            for n, (name, weight) in enumerate(uneven.items())
            for key, value in (("criterion", name), ("weight", weight))
        },
    }  # fmt: skip
    given = {
        "title": plan["title"], "purpose": plan["purpose"], "places": 1, "quorum": 2,
        "minScoresPerItem": 2, "members": fields["members"],
        "criteria": [{"criterion": name, "weight": weight} for name, weight in uneven.items()],
    }  # fmt: skip
    await refused(
        visitor, stage, "secretary", "weights_total_100",
        ("planRound", "PlanRoundInput", given), ("/rounds/new", "plan", fields),
    )  # fmt: skip

    round_ = await stage.scored((4, 4, 4), recused={"member_2": 0})
    (item,) = await stage.items(round_)
    id = gid("RoundItem", item)
    sheet = [{"criterion": name, "value": 4, "reason": WHY} for name in WEIGHTS]
    api = ("scoreItem", "ScoreItemInput", {"itemId": id, "scores": sheet})
    filled = {f"scores.{n}.{key}": v for n, one in enumerate(sheet) for key, v in one.items()}
    page = (f"/rounds/{round_.id}/items/{item.id}", "score", {"item_id": id} | filled)
    # What they are recused from does not exist for them: no rule's name tells that it does.
    await refused(visitor, stage, "member_2", None, api, page)
    await stage.move("secretary", board.close_scoring, CloseScoring, round_)
    await refused(visitor, stage, "member_3", "score_before_the_cut_off", api, page)


async def test_prices_tiers_late_commitments_and_an_award_below_its_tier(
    visitor: Visitor, database: Database
) -> None:
    stage = await a_pool_stage(database)
    technology = await stage.published()
    terms = {
        "technologyId": gid("Technology", technology), "unit": "OFFICER", "interval": "YEAR",
        "termMonths": 36, "dataReturn": "As CSV files.", "validUntil": "2027-06-30",
        "minQuantity": 10, "unitPricePence": 12_600,
    }  # fmt: skip
    form = {
        "technology_id": terms["technologyId"], "unit": "officer", "interval": "year",
        "term_months": "36", "data_return": "As CSV files.", "min_quantity": "10",
        "unit_price_pence": "126", "valid_until-day": "30", "valid_until-month": "6",
        "valid_until-year": "2027", "tier_mode": "all_units", "price_basis": "fixed_for_term",
    }  # fmt: skip
    quoting = f"/technologies/{technology.slug}/price"

    async def quote(rule: str, api: dict[str, Any], page: dict[str, str]) -> None:
        await refused(
            visitor, stage, "supplier_admin", rule,
            ("submitQuote", "SubmitQuoteInput", terms | api), (quoting, "quote", form | page),
        )  # fmt: skip

    await quote("price_not_below_zero", {"setupPence": -1}, {"setup_pence": "-0.01"})
    await quote(
        "tiers_do_not_overlap",
        {"tiers": [{"fromQuantity": 10, "unitPricePence": 11_300}]},
        {"tiers.0.from_quantity": "10", "tiers.0.unit_price_pence": "113"},
    )

    pool, offer = await stage.committing(technology)
    await stage.commit("kent_buyer", pool, 600)
    id, here = gid("Pool", pool), f"/pools/{pool.id}"
    award = {
        "quoteId": gid("Quote", offer), "route": "framework_call_off",
        "routeReference": "Digital services 4", "reason": REASON,
        "tierFromQuantity": TERMS["tiers"][0]["from_quantity"],
    }  # fmt: skip
    proposed = {
        "quote_id": award["quoteId"], "route": award["route"], "reason": REASON,
        "route_reference": award["routeReference"], "tier_from_quantity": "1000",
    }  # fmt: skip
    await refused(
        visitor, stage, "manager", "binding_quantity_reaches_the_tier",
        ("proposeAward", "ProposeAwardInput", {"poolId": id} | award),
        (here, "propose", {"pool_id": id} | proposed),
    )  # fmt: skip
    stage.database.clock.pass_days(41)  # type: ignore[attr-defined]
    await refused(
        visitor, stage, "essex_buyer", "commit_within_the_window",
        ("commitToPool", "CommitToPoolInput", {"poolId": id, "strength": "BINDING", "quantity": 5}),
        (here, "commit", {"pool_id": id, "strength": "binding", "quantity": "5"}),
    )  # fmt: skip
