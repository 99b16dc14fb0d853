"""What a pilot's technology would cost and bring: said in pounds, worked out by the Green Book."""

from decimal import Decimal
from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.evidence import service as evidence
from innohub.market.evidence.appraisal.cashflow import raised
from innohub.market.evidence.appraisal.commands import AppraisePilot, current_price_year
from innohub.market.evidence.appraisal.service import APPRAISED_IN
from innohub.market.working_days import london_date
from innohub.web.balance import Flow, balance_chart
from innohub.web.page import Data, Page, step
from innohub.web.pages.listings.facts import pence
from innohub.web.reading import global_id
from innohub.web.wording import plural, pounds

ROWS = 5
"""Years on the blank form; who needs more uses the API."""
SUMS = {
    "cost_pence": "Costs",
    "cashable_pence": "Money released",
    "non_cashable_pence": "Other benefits, in money's worth",
}


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    found = pilot["appraisal"]
    made = flows(found) if found else []
    force = identifiers.decode(pilot["force"]["id"])[1] if pilot["force"] else None
    today = london_date(request.app.state.database.clock())
    return {
        "pilot": pilot,
        "found": found,
        "may": force is not None
        and pilot["state"].lower() in APPRAISED_IN
        and actor.may(Permission.RESULT_RECORD, force),
        "ended": pilot["state"].lower() in APPRAISED_IN,
        "rows": range(max(ROWS, len(found["years"]) if found else 0)),
        "sums": SUMS,
        "price_year": current_price_year(today),
        "flows": made,
        "picture": picture(made),
        "in_words": in_words(found) if found else "",
        "rounded": rounded,
        "payback": payback(found) if found else "",
    }


def flows(found: Data) -> list[Flow]:
    """Each year with what stands on the account at its end, not discounted, costs raised."""
    years, bias = found["years"], Decimal(str(found["optimismBiasPercent"]))
    balance, made = Decimal(0), []
    for place, cost in enumerate(raised([year["cost_pence"] for year in years], bias)):
        year = years[place]
        benefit = year["cashable_pence"] + year["non_cashable_pence"]
        balance += benefit - cost
        made.append(Flow(f"Year {place}", round(cost), benefit, round(balance)))
    return made


def picture(made: list[Flow]) -> Any:
    told = "; ".join(f"{flow.name}: {pounds(flow.balance_pence)}" for flow in made)
    return balance_chart(made, f"What stands on the account at the end of each year. {told}.")


def in_words(found: Data) -> str:
    """The finding in a sentence."""
    years = plural(len(found["years"]), "year")
    net, ratio = found["netPence"], found["benefitCostRatio"]
    way = "more than it costs" if net >= 0 else "less than it costs"
    each = "" if ratio is None else f": £{ratio:,.2f} for each pound spent"
    return f"Over {years} it is worth {rounded(abs(net))} {way}{each}. {_cashable(found)}"


def payback(found: Data) -> str:
    months = found["paybackMonths"]
    if months is None:
        return "It does not pay back within these years."
    if months == 0:
        return "It pays back from the start."
    return f"It pays back after {plural(months, 'month')}."


def _cashable(found: Data) -> str:
    net = found["netCashablePence"]
    if net >= 0:
        return f"Counting only money that is released, it saves {rounded(net)}."
    return f"Counting only money that is released, it costs {rounded(-net)}."


def rounded(sum_pence: int) -> str:
    """To whole pounds: a forecast is not exact to the penny."""
    return pounds(round(sum_pence / 100) * 100)


def in_pence(given: dict[str, Any]) -> dict[str, Any]:
    """Sums in pence; years after the last one that says anything are left out."""
    years = given.get("years")
    if isinstance(years, list):
        kept = [
            {name: pence(value) for name, value in year.items() if str(value).strip()}
            for year in years
        ]
        while kept and not kept[-1]:
            kept.pop()
        given["years"] = kept
    return given


PAGE = Page(
    "appraisal",
    "/pilots/{number:int}/appraisal",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={
        "appraise": step(
            AppraisePilot,
            evidence.appraise,
            prepare=in_pence,
            done="The appraisal is kept. It is shown with the result.",
        )
    },
)
