"""The ledger and the prices paid, to take away: CSV, each with its codebook."""

from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import InnoHubError
from innohub.identity.permissions import Permission
from innohub.web import refusals
from innohub.web.authentication import caller_of
from innohub.web.downloads import Column, codebook, csv_file, day_of
from innohub.web.page import Data
from innohub.web.reading import Document, read
from innohub.web.wording import in_pounds

LONGEST = 20_000
POUNDS = "pounds, without VAT"
PRICES = (
    Column("call_off", "The call-off’s number over all pools"),
    Column("pool", "The pool’s number; its page is /pools/NUMBER"),
    Column("title", "What was bought together"),
    Column("ordered_on", "The day of the call-off", "date"),
    Column("force", "The force that ordered"),
    Column("supplier", "The supplier"),
    Column("technology", "The listing that was quoted for"),
    Column("route", "How it was bought lawfully, by its id in the list procurement_route"),
    Column("quantity", "Units ordered"),
    Column("unit", "What a unit is"),
    Column("interval", "How often the price of a unit is paid"),
    Column("intervals", "How often that is in the term"),
    Column("term_months", "The term", "months"),
    Column("unit_price", "Price of a unit for one interval at the award’s tier", POUNDS),
    Column("units_due", "What the units cost over the term by the quote", POUNDS),
    Column("once_due", "Set-up and training, with a force’s first call-off", POUNDS),
    Column("paid", "The price actually paid for all of it; empty until the force says", POUNDS),
    Column("demonstration", "Invented for the demonstration market", "yes or no"),
)
SAVINGS = (
    Column("saving", "Its number; its page is /savings/NUMBER"),
    Column("class", "The kind of saving. Never add two kinds together"),
    Column("force", "The force that saved"),
    Column("pool", "The pool’s number"),
    Column("title", "What was bought together"),
    Column("call_off", "The call-off, counted within its pool"),
    Column("driver", "What brought it about"),
    Column("occurrence", "Whether it comes once or each year of the term", "one_off, recurring"),
    Column("baseline", "What it is measured against, declared before the award"),
    Column("baseline_unit_price", "Of a unit for one interval", POUNDS),
    Column("inflation", "On the baseline, approved by whoever signed", "per cent"),
    Column("value", "What the same would have cost over the term, or what it is worth", POUNDS),
    Column("paid", "What was paid, of savings by price", POUNDS),
    Column("implementation", "What else it took to put it into use", POUNDS),
    Column("exit", "What leaving will cost", POUNDS),
    Column("net", "Value less paid, implementation and exit", POUNDS),
    Column("signed_on", "The day on which the force’s finance lead signed", "date, in London"),
    Column("evidence", "Where it can be checked"),
    Column("demonstration", "Invented for the demonstration market", "yes or no"),
)  # fmt: skip


async def prices(request: Request) -> Response:
    """Every call-off, for everybody."""
    rows = [_price(one) async for one in _all(request, PRICES_PAID, "pricesPaid")]
    return csv_file("prices-paid", PRICES, rows)


async def savings(request: Request) -> Response:
    """What is signed, for those who may read it."""
    try:
        (await caller_of(request)).actor.require(Permission.SAVINGS_READ)
    except InnoHubError as error:
        return await refusals.refuse(request, error)
    rows = [_saving(one) async for one in _all(request, LEDGER, "savings")]
    return csv_file("savings", SAVINGS, rows)


async def _all(request: Request, document: Document, field: str) -> AsyncIterator[Data]:
    after = None
    for _ in range(0, LONGEST, 100):
        found = (await read(request, document, {"after": after}))[field]
        for one in found["nodes"]:
            yield one
        if not found["pageInfo"]["hasNextPage"]:
            return
        after = found["pageInfo"]["endCursor"]


def _price(one: Data) -> dict[str, Any]:
    return {
        "call_off": one["number"],
        "pool": one["poolNumber"],
        "title": one["poolTitle"],
        "ordered_on": one["orderedOn"],
        "force": one["force"]["name"],
        "supplier": one["supplier"]["name"],
        "technology": one["technology"]["name"] if one["technology"] else None,
        "route": one["route"],
        "quantity": one["quantity"],
        "unit": one["unit"].lower(),
        "interval": one["interval"].lower(),
        "intervals": one["intervals"],
        "term_months": one["termMonths"],
        "unit_price": in_pounds(one["unitPricePence"]),
        "units_due": in_pounds(one["duePence"]),
        "once_due": in_pounds(one["oncePence"]),
        "paid": in_pounds(one["paidPence"]),
        "demonstration": one["demonstration"],
    }


def _saving(one: Data) -> dict[str, Any]:
    return {
        "saving": one["number"],
        "class": one["savingClass"].lower(),
        "force": one["force"]["name"],
        "pool": one["poolNumber"],
        "title": one["poolTitle"],
        "call_off": one["callOffNumber"],
        "driver": one["driver"].lower(),
        "occurrence": one["occurrence"].lower(),
        "baseline": one["baseline"]["method"].lower(),
        "baseline_unit_price": in_pounds(one["baseline"]["unitPricePence"]),
        "inflation": one["inflationBasisPoints"] / 100,
        "value": in_pounds(one["valuePence"]),
        "paid": in_pounds(one["paidPence"]),
        "implementation": in_pounds(one["implementationPence"]),
        "exit": in_pounds(one["exitPence"]),
        "net": _signed(one["netPence"]),
        "signed_on": day_of(one["signedAt"]),
        "evidence": one["evidence"],
        "demonstration": one["demonstration"],
    }


def _signed(pence: int) -> Any:
    """A number, so that a loss is not taken for a formula."""
    return pence / 100 if pence < 0 else in_pounds(pence)


async def prices_codebook(request: Request) -> Response:
    return codebook("prices-paid-codebook", PRICES)


async def savings_codebook(request: Request) -> Response:
    return codebook("savings-codebook", SAVINGS)


_FOLDER = files("innohub.web.pages").joinpath("savings")
LEDGER = Document(_FOLDER.joinpath("whole.graphql").read_text(), "savings/whole.graphql")
PRICES_PAID = Document(_FOLDER.joinpath("prices.graphql").read_text(), "savings/prices.graphql")
DOCUMENTS = (LEDGER, PRICES_PAID)
FILES = [
    Route("/savings.csv", savings, name="savings_file"),
    Route("/savings-codebook.csv", savings_codebook, name="savings_codebook"),
    Route("/prices-paid.csv", prices, name="prices_paid_file"),
    Route("/prices-paid-codebook.csv", prices_codebook, name="prices_paid_codebook"),
]
