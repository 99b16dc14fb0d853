"""A force's commercial people enter a saving of one call-off."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import Denied, NotFound
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.savings import commands
from innohub.market.savings import service as savings
from innohub.web.page import Data, Page, step
from innohub.web.pages.listings.facts import pence
from innohub.web.pages.savings.words import CLASSES, DRIVERS, OCCURRENCES

SUMS = ("value_pence", "implementation_pence")


def variables(request: Request) -> Data:
    asked = request.query_params.get("call_off", "")
    if not (asked.isascii() and asked.isdigit() and 0 < int(asked) < 2**31):
        raise NotFound("Choose a call-off on the page of savings.")
    return {"number": [int(asked)]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    found = data["pricesPaid"]["nodes"]
    if not found:
        raise NotFound("There is no such call-off.")
    bought = found[0]
    if not actor.may(Permission.SAVINGS_ENTER, identifiers.decode(bought["force"]["id"])[1]):
        raise Denied("Savings are entered by the commercial people of the force that bought.")
    return {
        "bought": bought,
        "call_off_id": identifiers.encode("CallOff", bought["number"]),
        "classes": [
            (kind.lower(), f"{name}: {help[:1].lower()}{help[1:]}")
            for kind, (name, help) in CLASSES.items()
        ],
        "drivers": [(driver.lower(), words) for driver, words in DRIVERS.items()],
        "occurrences": [(one.lower(), words) for one, words in OCCURRENCES.items()],
    }


def in_pence(given: dict[str, Any]) -> dict[str, Any]:
    """Sums in pence and inflation in basis points; what is none stays, to be refused."""
    made = {
        name: pence(value) if name in SUMS and isinstance(value, str) and value.strip() else value
        for name, value in given.items()
    }
    if not str(made.get("implementation_pence") or "").strip():
        made.pop("implementation_pence", None)
    percent = str(made.pop("inflation", "") or "").strip().rstrip("%")
    if percent:
        try:
            made["inflation_basis_points"] = round(float(percent) * 100)
        except ValueError:
            made["inflation_basis_points"] = percent
    return made


PAGE = Page(
    "new_saving",
    "/savings/new",
    variables=variables,
    context=context,
    actions={
        "enter": step(
            commands.EnterSaving,
            savings.enter,
            prepare=in_pence,
            then=lambda request, saving: f"/savings/{saving.id}",
            done="The saving is entered. It counts once a chief officer of your force signs.",
        )
    },
    signed_in=True,
)
