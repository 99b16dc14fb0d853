"""The sample-size calculator, asked by its address, and by machine."""

import pytest

from tests.web.visitor import Visitor

SHARE = "/sample-size?kpi=call_abandonment_101&baseline=30&minimum_important_effect=10"
LIKENESS = "intracluster_correlation"
MEAN = "/sample-size?kpi=redaction_minutes_per_file&baseline=58&minimum_important_effect=10"


async def test_it_asks_first_what_is_measured(visitor: Visitor) -> None:
    page = await visitor.see("/sample-size")
    offered = [option["value"] for option in page.main.one("select", name="kpi").all("option")]
    assert "redaction_minutes_per_file" in offered
    assert "user_satisfaction" not in offered, "no effect is computed for a scale"


async def test_shares_are_asked_and_told_in_per_cent(visitor: Visitor) -> None:
    page = await visitor.see(SHARE)
    assert "586 in all" in page.main.text or "588 in all" in page.main.text
    assert "80% chance of finding a change from 30.0% to 20.0%" in page.main.text
    picture = page.main.one("svg", role="img")
    assert "The chance of finding the change from 30.0% to 20.0% rises" in picture["aria-label"]
    assert page.main.one("input", name="baseline")["value"] == "30"


async def test_a_mean_needs_its_spread(visitor: Visitor) -> None:
    page = await visitor.see(MEAN)
    assert page.status == 200
    assert (
        page.main.one("a", href="#plan-standard_deviation").text == "Enter the standard deviation."
    )
    answered = await visitor.see(f"{MEAN}&standard_deviation=30")
    assert "286 in all" in answered.main.text


async def test_groups_are_counted(visitor: Visitor) -> None:
    page = await visitor.see(f"{SHARE}&cluster_size=20&intracluster_correlation=0.05")
    assert "of 20: because people in one group are alike, 2 times as many" in page.main.text


async def test_what_one_can_have_is_answered_with_its_chance(visitor: Visitor) -> None:
    page = await visitor.see(f"{SHARE}&per_arm=100")
    assert "37% chance" in page.main.text


@pytest.mark.parametrize(
    ("asked", "field", "told"),
    [
        (f"{SHARE}&power=100", "power", "Enter a chance from 50% to 99%."),
        (f"{SHARE}&power=x", "power", "Enter a chance from 50% to 99%."),
        (f"{SHARE}&intracluster_correlation=5", LIKENESS, "Enter a number from 0 to 1."),
        (f"{SHARE}&per_arm=-4", "per_arm", "Enter 2 or more."),
        (SHARE.replace("effect=10", "effect=40"), "minimum_important_effect", "cannot happen"),
        (SHARE.replace("baseline=30", "baseline=nan"), "baseline", ""),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told_at_its_field(
    visitor: Visitor, asked: str, field: str, told: str
) -> None:
    page = await visitor.see(asked)
    assert page.status == 200
    link = page.main.one("a", href=f"#plan-{field}")
    if field != "minimum_important_effect":
        assert told in link.text
    assert page.main.one("input", id=f"plan-{field}")
    assert "in all" not in page.main.text


async def test_an_unknown_indicator_is_asked_for_again(visitor: Visitor) -> None:
    page = await visitor.see("/sample-size?kpi=nonsense&baseline=3")
    assert page.main.one("select", name="kpi")


async def test_the_api_answers_alike(visitor: Visitor) -> None:
    query = """{ sampleSize(input: {kpiType: "proportion", direction: HIGHER_IS_BETTER,
        baseline: 0.3, minimumImportantEffect: 0.2}) {
        treatment comparison total treatmentClusters power expected designEffect } }"""
    response = await visitor.client.post("/graphql", json={"query": query})
    found = response.json()["data"]["sampleSize"]
    assert (found["treatment"], found["total"]) == (93, 186)
    assert found["treatmentClusters"] is None
    wrong = query.replace("0.3", "3")
    refused = (await visitor.client.post("/graphql", json={"query": wrong})).json()["errors"][0]
    assert refused["message"] == "A proportion is a fraction between 0 and 1."
