"""The pages of challenges: found, posted, co-sponsored, asked about, answered, merged."""

import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.market.challenges.models import Challenge, ChallengeState
from tests.market.challenges.stage import REASON, ChallengeStage, a_challenge_stage
from tests.web.parts import as_actor
from tests.web.visitor import Visitor

FORM = {
    "title": "Case files come back",
    "problem": "Each is blacked out by hand.",
    "kpi": "case_file_quality_pass",
    "category": "software_saas",
    "baseline_value": "64",
    "constraints": "No data leaves the force.",
    "budget_from_pence": "20,000",
    "budget_to_pence": "60000.50",
}


@pytest_asyncio.fixture
async def stage(database: Database) -> ChallengeStage:
    return await a_challenge_stage(database)


async def test_a_challenge_is_posted_opened_changed_and_published_on_its_pages(
    visitor: Visitor, stage: ChallengeStage
) -> None:
    await as_actor(visitor, stage.actors["lead"])
    page = await visitor.send("/challenges/new", "write", FORM | {"budget_from_pence": "much"})
    assert page.status == 400
    assert "Enter the lower end in pounds, like 20000" in page.main.text
    page = await visitor.send("/challenges/new", "write", FORM)
    assert page.flash.startswith("The challenge is stored as a draft.")
    (challenge,) = await stage.all(Challenge)
    assert (challenge.budget_from_pence, challenge.budget_to_pence) == (2_000_000, 6_000_050)
    here = f"/challenges/{challenge.id}"
    page = await visitor.send(here, "open", {})
    assert "Other forces co-sponsor it until 16 November 2026" in page.main.text
    page = await visitor.see(f"{here}/edit")
    assert page.form("write").one("input", name="budget_to_pence")["value"] == "60000.50"
    await as_actor(visitor, stage.actors["sro"])
    day = {"respond_by-day": "18", "respond_by-month": "12", "respond_by-year": "2026"}
    page = await visitor.send(here, "publish", day)
    assert page.flash.startswith("The challenge is published")
    assert "£20,000 to £60,000.50" in page.main.text
    assert "Draft of the UK2 notice" in page.main.text
    visitor.client.cookies.clear()
    page = await visitor.see("/challenges?q=files&state=responding")
    assert "1 challenge found" in page.main.text
    page = await visitor.see(here)
    assert "Draft of the UK2 notice" not in page.main.text
    assert "What you can do now" not in page.main.text


async def test_forces_join_suppliers_ask_and_respond_and_sponsors_answer(
    visitor: Visitor, stage: ChallengeStage
) -> None:
    listing = await stage.published()
    challenge = await stage.open_to_suppliers()
    here = f"/challenges/{challenge.id}"
    await as_actor(visitor, stage.actors["other_lead"])
    page = await visitor.send(here, "decline_invitation", {"reason": ""})
    assert page.status == 400
    page = await visitor.send(here, "decline_invitation", {"reason": "We bought one in May."})
    assert page.flash.startswith("Your force declines.")
    assert not page.has_form("decline_invitation")
    page = await visitor.send(here, "cosponsor", {"statement": "We have the same backlog."})
    assert "We have the same backlog." in page.main.text
    await as_actor(visitor, stage.actors["supplier_admin"])
    page = await visitor.send(here, "ask", {"question": "Which records system is it?"})
    assert "by your supplier" in page.main.text
    page = await visitor.see(f"{here}/respond")
    assert listing.name in page.main.text
    page = await visitor.send(
        f"{here}/respond",
        "respond",
        {"proposal": "We black out what must not be seen, and show it.", "delivery": "In May.",
         "price_from_pence": "15000", "price_to_pence": "25000"},
    )  # fmt: skip
    assert "Your response is stored" in page.flash
    assert "£15,000 to £25,000 without VAT" in page.main.text
    await as_actor(visitor, stage.actors["rival_admin"])
    page = await visitor.see(here)
    assert "£15,000" not in page.main.text
    assert "by your supplier" not in page.main.text
    await as_actor(visitor, stage.actors["other_lead"])
    page = await visitor.see(here)
    assert "1 response" in page.main.text
    page = await visitor.send(here, "answer", {"answer": "Ledger, by Tarn."})
    assert page.flash == "Your answer is published."
    await as_actor(visitor, stage.actors["supplier_admin"])
    page = await visitor.send(f"{here}/respond", "withdraw", {})
    assert "Withdrawn" in page.main.text


async def test_similar_challenges_are_shown_and_merged_from_the_page(
    visitor: Visitor, stage: ChallengeStage
) -> None:
    one, into = await stage.opened(), await stage.opened(part="other_lead")
    await as_actor(visitor, stage.actors["lead"])
    here = f"/challenges/{one.id}"
    page = await visitor.see(here)
    assert "Same KPI, same kind of technology" in page.main.text
    await visitor.send(here, "propose_merger", {"reason": REASON})
    await as_actor(visitor, stage.actors["other_lead"])
    page = await visitor.send(here, "agree_to_merger", {})
    assert page.flash.startswith("Your force agrees.")
    await as_actor(visitor, stage.actors["programme_officer"])
    page = await visitor.send(here, "merge", {})
    assert page.flash == "The challenges are merged. This is the one that goes on."
    page = await visitor.see(here)
    assert f"goes on as {into.title}" in page.main.text
    assert (await stage.load(one)).state is ChallengeState.MERGED


async def test_a_draft_is_nobody_elses_and_following_is_a_button(
    visitor: Visitor, stage: ChallengeStage
) -> None:
    draft = await stage.written()
    await as_actor(visitor, stage.actors["other_lead"])
    assert (await visitor.see(f"/challenges/{draft.id}")).status == 404
    published = await stage.open_to_suppliers()
    page = await visitor.send(f"/challenges/{published.id}", "follow", {})
    assert "Stop following" in page.main.text
    page = await visitor.send(f"/challenges/{published.id}", "unfollow", {})
    assert "Follow this challenge" in page.main.text
