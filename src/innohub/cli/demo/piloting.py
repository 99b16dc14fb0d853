"""A force finds the technology, asks for its pilots, and everybody has their say until they run."""

from datetime import date, timedelta
from urllib.parse import urlencode

from innohub.cli.demo import operations as op
from innohub.cli.demo.browsing import ReadPage
from innohub.cli.demo.callers import Person
from innohub.cli.demo.listing import CATEGORY, TRL
from innohub.cli.demo.market import (
    ANALYST,
    FORCE,
    LEAD,
    OWNER,
    REVIEWER,
    SUPPLIER,
    Market,
    Row,
)
from innohub.cli.demo.trials import DAYS, TRIALS, Pilot, Trial, plan_of
from innohub.errors import InnoHubError


def search(market: Market) -> list[Row]:
    """Browse a category, then narrow it by words and facets until the technology is there."""
    lead = market.person(LEAD, FORCE)
    lead.read(f"/technologies?{urlencode({'category': CATEGORY})}")
    found = finds(market, lead, q=market.listing.name, category=CATEGORY, trl=str(TRL))
    lead.read(f"/technologies/{market.listing.slug}")
    happened = f"{lead.name} browses body-worn cameras, searches by words, category and TRL"
    return [Row("Search", happened, found)]


def finds(market: Market, person: Person, **query: str) -> str:
    """The address of a search that shows the technology. Raises InnoHubError where it does not."""
    address = f"/technologies?{urlencode(query)}"
    if f"/technologies/{market.listing.slug}" not in person.read(address).links:
        raise InnoHubError(f"The search {address} does not find {market.listing.name}.")
    return address


COST = 1_200_000
"""Pence for each pilot: far under the procurement threshold."""


def request(market: Market) -> list[Row]:
    """Ask for each pilot by the page's form, after seeing the pilots like it."""
    lead = market.person(LEAD, FORCE)
    rows = []
    for trial in TRIALS:
        pilot = request_one(market, lead, trial)
        market.pilots.append(pilot)
        happened = f"{lead.name} is shown {_pilots(pilot.alike)} like it and chooses"
        choice = trial.overlap_choice.replace("_", " ")
        rows.append(Row("Request", happened, f"/pilots/{pilot.number}: {choice}"))
    return rows


def request_one(market: Market, lead: Person, trial: Trial) -> Pilot:
    """Both steps of the form, and what it costs. Raises Refused."""
    page = f"/technologies/{market.listing.slug}/pilot"
    given = {"title": trial.title, "question": trial.question, "site": trial.site}
    start, end = market.today, market.today + timedelta(days=DAYS)
    dates = date_fields("start_on", start) | date_fields("end_on", end)
    second = lead.submit(page, "check", given | {"kpi": trial.kpi} | dates)
    alike = int(_sent(second, "shown"))
    chosen = {"overlap_choice": trial.overlap_choice, "overlap_reason": trial.overlap_reason}
    lead.submit_from(second, page, "request", chosen if alike else {})
    found = lead.query(op.OF_TECHNOLOGY, slug=market.listing.slug)["technology"]["pilots"]
    for node in found["nodes"]:
        if node["kpi"] == trial.kpi:
            lead.change(op.SET_COSTS, pilotId=node["id"], costPence=COST, vatPence=COST // 5)
            return Pilot(trial, node["id"], node["number"], alike)
    raise InnoHubError(f"The pilot “{trial.title}” was requested and is not there.")


def accept(market: Market) -> list[Row]:
    """The supplier accepts by API."""
    machine = market.machine(SUPPLIER)
    for pilot in market.pilots:
        machine.change(op.ACCEPT, pilotId=pilot.id)
    happened = f"{machine.name} accepts {_pilots(len(market.pilots))}"
    return [Row("Accept", happened, "scope pilots.respond")]


def approve(market: Market) -> list[Row]:
    """The senior responsible owner approves, and the force's reviewers sign."""
    owner, reviewer = market.person(OWNER, FORCE), market.person(REVIEWER, FORCE)
    start, end = market.today, market.today + timedelta(days=DAYS)
    dates = {"startOn": start.isoformat(), "endOn": end.isoformat()}
    for pilot in market.pilots:
        owner.change(op.APPROVE_PILOT, pilotId=pilot.id, **dates)
        reviewer.change(op.SIGN, pilotId=pilot.id)
    happened = f"{owner.name} approves the scope, {reviewer.name} signs the assurance"
    return [Row("Approve", happened, f"{start:%d %B} to {end:%d %B %Y}")]


def lock(market: Market) -> list[Row]:
    """One analyst proposes each protocol, a second one locks it to a hash."""
    proposer, second = (market.person(ANALYST, FORCE, number) for number in range(2))
    rows = []
    for pilot in market.pilots:
        plan = plan_of(pilot.trial, market.today)
        proposed = proposer.change(op.PROPOSE_PROTOCOL, pilotId=pilot.id, **plan)["pilot"]
        revision = proposed["protocol"]["revision"]
        locked = second.change(op.LOCK_PROTOCOL, pilotId=pilot.id, revision=revision)["pilot"]
        pilot.hash = locked["protocol"]["hash"]
        shown = second.read(f"/pilots/{pilot.number}/protocol").text
        if pilot.hash not in shown:
            raise InnoHubError(f"The page of the protocol of pilot {pilot.number} hides its hash.")
        design = pilot.trial.plan["design"].replace("_", " ")
        happened = f"{proposer.name} proposes ({design}), {second.name} locks"
        rows.append(Row("Lock", happened, f"SHA-256 {pilot.hash[:16]}…"))
    return rows


def start(market: Market) -> list[Row]:
    """The pilots begin."""
    lead = market.person(LEAD, FORCE)
    states = {lead.change(op.START, pilotId=each.id)["pilot"]["state"] for each in market.pilots}
    happened = f"{lead.name} starts {_pilots(len(market.pilots))}"
    return [Row("Run", happened, ", ".join(states).lower())]


def _sent(page: ReadPage, name: str) -> str:
    """A hidden field of the second step's form."""
    return page.form("request", {}).values[name][-1]


def date_fields(name: str, day: date) -> dict[str, str]:
    """A date as the three fields of a form."""
    return {
        f"{name}-day": str(day.day),
        f"{name}-month": str(day.month),
        f"{name}-year": str(day.year),
    }


def _pilots(count: int) -> str:
    return "1 pilot" if count == 1 else f"{count} pilots"
