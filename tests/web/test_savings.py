"""The pages of the savings ledger, and what is taken away from them."""

import csv
import io

import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from tests.factories import somebody
from tests.market.savings.purchases import Buyers, some_buyers
from tests.web.visitor import Visitor

FORM = {
    "saving_class": "cashable", "driver": "new_volumes", "occurrence": "recurring",
    "implementation_pence": "300", "inflation": "2.5", "evidence": "Contract 2024-17.",
}  # fmt: skip
REASON = "The invoice was for another item."


@pytest_asyncio.fixture
async def buyers(database: Database) -> Buyers:
    return await some_buyers(database)


async def seen_by(visitor: Visitor, buyers: Buyers, part: str) -> Visitor:
    return await visitor.sign_in_as(buyers.people[part].person)


async def a_file(visitor: Visitor, address: str) -> list[dict[str, str]]:
    response = await visitor.client.get(address)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


async def test_a_saving_is_entered_signed_and_shown_by_class_against_the_spend(
    visitor: Visitor, buyers: Buyers
) -> None:
    call_off = await buyers.bought(quantity=40)
    await seen_by(visitor, buyers, "commercial")
    page = await visitor.see("/savings")
    assert "No saving is signed yet." in page.main.text
    form = f"/savings/new?call_off={call_off.id}"
    assert form in page.links()
    page = await visitor.send(form, "enter", FORM | {"implementation_pence": "a lot"})
    assert page.problems == ["Enter a sum in pounds, such as 1250 or 12.50"]
    page = await visitor.send(form, "enter", FORM)
    here = page.response.url.path
    assert "Would have cost" in page.main.text
    assert not page.has_form("sign")
    await seen_by(visitor, buyers, "finance")
    page = await visitor.send(here, "sign", {})
    assert "Approve that as well" in page.main.text
    page = await visitor.send(here, "sign", {"approve_inflation": "true"})
    assert page.flash == "You signed. The saving counts."
    # £123 for £90, 40 officers, 3 years; less £500 for set-up, £300 and £250 to leave.
    net = (123_00 - 90_00) * 40 * 3 - 500_00 - 300_00 - 250_00
    await seen_by(visitor, buyers, "company")
    page = await visitor.see("/savings")
    assert f"Cashable: £{net // 100:,} (25.8% of what was paid)" in page.main.text
    assert f"All of it is of {buyers.force.name}." in page.main.text
    assert (await visitor.see(f"/forces/{buyers.force.slug}")).main.text.count("£2,910") == 1
    (line,) = await a_file(visitor, "/savings.csv")
    assert (line["class"], line["net"], line["inflation"]) == ("cashable", "2910", "2.5")
    assert (await visitor.see(here)).has_form("reverse") is False
    await seen_by(visitor, buyers, "finance")
    page = await visitor.send(here, "reverse", {"reason": REASON})
    assert "counts no longer" in page.flash


async def test_classes_stand_side_by_side_and_no_sum_over_them_is_shown(
    visitor: Visitor, buyers: Buyers
) -> None:
    call_off = await buyers.bought()
    await buyers.sign(await buyers.enter(call_off))
    carbon = await buyers.enter(call_off, saving_class="carbon", value_pence=777_00)
    await buyers.sign(carbon)
    await seen_by(visitor, buyers, "company")
    text = (await visitor.see("/savings")).main.text
    cashable = (120_00 - 90_00) * 40 * 3 - 500_00 - 250_00
    assert f"Cashable: £{cashable // 100:,}" in text
    assert "Carbon: £777" in text
    assert f"£{(cashable + 777_00) // 100:,}" not in text
    headings = (await visitor.see("/savings")).main.all("table")[0].one("thead").all("th")
    assert [one.text for one in headings][3:] == ["Cashable", "Carbon"]


async def test_what_is_not_signed_is_its_forces_and_savings_are_not_for_suppliers(
    visitor: Visitor, buyers: Buyers
) -> None:
    call_off = await buyers.bought()
    saving = await buyers.enter(call_off)
    for address in ("/savings", "/savings.csv"):
        assert (await visitor.client.get(address)).status_code == 303
    await seen_by(visitor, buyers, "supplier")
    assert (await visitor.see("/savings")).status == 403
    assert (await visitor.client.get("/savings.csv")).status_code == 403
    await seen_by(visitor, buyers, "other finance")
    assert (await visitor.see(f"/savings/{saving.id}")).status == 404
    assert (await visitor.see(f"/savings/new?call_off={call_off.id}")).status == 403
    for nonsense in ("", "0", "x", "9" * 30, "987"):
        assert (await visitor.see(f"/savings/new?call_off={nonsense}")).status == 404
    viewer = await somebody(buyers.database, buyers.force, Role.FORCE_VIEWER)
    await visitor.sign_in_as(viewer.person)
    page = await visitor.see(f"/savings/{saving.id}")
    assert page.status == 200
    assert not page.has_form("withdraw")


async def test_prices_paid_are_open_data_with_a_codebook(visitor: Visitor, buyers: Buyers) -> None:
    call_off = await buyers.bought(quantity=40)
    (line,) = await a_file(visitor, "/prices-paid.csv")
    assert (line["call_off"], line["force"], line["supplier"]) == (
        str(call_off.id), buyers.force.name, buyers.supplier.name,
    )  # fmt: skip
    assert (line["unit_price"], line["paid"], line["unit"]) == ("90", "11300", "officer")
    for name in ("prices-paid", "savings"):
        book = await a_file(visitor, f"/{name}-codebook.csv")
        assert all(row["meaning"] for row in book)
    assert list(line) == [row["column"] for row in await a_file(
        visitor, "/prices-paid-codebook.csv"
    )]  # fmt: skip
    assert "1 call-off: what each force ordered" in (await visitor.see("/open-data")).main.text


async def test_a_force_declares_its_baseline_from_the_pools_page(
    visitor: Visitor, buyers: Buyers
) -> None:
    pool = await buyers.pool()
    await seen_by(visitor, buyers, "commercial")
    here = f"/pools/{pool.id}/baseline"
    assert here in (await visitor.see(f"/pools/{pool.id}")).links()
    form = {"method": "previous_price", "unit_price_pence": "dear", "evidence": "Contract 17."}
    page = await visitor.send(here, "declare", form)
    assert page.problems == ["Enter a sum in pounds, such as 1250 or 12.50"]
    page = await visitor.send(here, "declare", form | {"unit_price_pence": "120"})
    assert page.flash.startswith("Your baseline is declared.")
    await buyers.award(pool, buyers.force)
    page = await visitor.send(here, "declare", form | {"unit_price_pence": "990"})
    assert "frozen by it" in page.main.text
    await seen_by(visitor, buyers, "finance")
    assert (await visitor.see(here)).status == 403


async def test_a_supplier_reports_what_its_books_show_and_takes_part_of_it_back(
    visitor: Visitor, buyers: Buyers
) -> None:
    call_off = await buyers.bought(quantity=40)
    pool = f"/pools/{call_off.pool_id}"
    form = {
        "kind": "credit_note", "reference": "CN-7", "amount_pence": "1,250.50",
        "invoiced_on-day": "1", "invoiced_on-month": "11", "invoiced_on-year": "2026",
    }  # fmt: skip
    await seen_by(visitor, buyers, "supplier")
    page = await visitor.send(pool, "report", form | {"amount_pence": "a lot"})
    assert page.problems == ["Enter the amount in pounds, like 45200"]
    page = await visitor.send(pool, "report", form | {"reference": "INV-1"})
    assert "reported for this call-off before" in page.problems[0]
    page = await visitor.send(pool, "report", form)
    assert page.flash.startswith("It is reported.")
    assert "−£1,250.50" in page.main.text or "-£1,250.50" in page.main.text
    await seen_by(visitor, buyers, "commercial")
    assert not (await visitor.see(pool)).has_form("report")
