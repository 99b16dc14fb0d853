"""Trial results: recorded, computed, confirmed, decided and published; then the force rates."""

from typing import Any

from innohub.cli.calling import Refused
from innohub.cli.demo import operations as op
from innohub.cli.demo.callers import Person
from innohub.cli.demo.market import (
    ANALYST,
    FORCE,
    LEAD,
    OTHER_FORCE,
    OWNER,
    SUPPLIER,
    Market,
    Row,
)
from innohub.cli.demo.piloting import finds
from innohub.cli.demo.publishing import until
from innohub.cli.demo.trials import Pilot, csv_of, rows_of
from innohub.db.identifiers import decode
from innohub.errors import InnoHubError

BEING_CHECKED = "The file is being checked"
STARS = {
    "affordability": 3,
    "capability": 5,
    "deployability": 4,
    "maintainability": 4,
    "usability": 5,
}
COMMENT = "Officers trust the drafts because gaps are marked. Plan a week for each team's docks."


def record(market: Market) -> list[Row]:
    """By file in the page and by the force's own API client."""
    analyst, machine = market.person(ANALYST, FORCE), market.machine(FORCE)
    machine.authorise()
    rows = []
    for pilot in market.pilots:
        trial = pilot.trial
        if trial.by_file:
            lines = rows_of(trial)
            _upload(analyst, pilot, csv_of(lines))
            what = "observations" if trial.by_unit else "rows"
            happened = f"{analyst.name} uploads {len(lines):,} {what} as CSV, and confirms them"
        else:
            cells = [dict(cell) for cell in trial.cells]
            machine.change(op.RECORD, pilotId=pilot.id, cells=cells)
            happened = f"{machine.name} sends {len(cells)} cells by GraphQL"
        rows.append(Row("Record", happened, _stored(analyst, pilot)))
    return rows


def _upload(analyst: Person, pilot: Pilot, content: bytes) -> None:
    """By the page: handed in, looked at once the worker has checked it, and confirmed."""
    page, name = f"/pilots/{pilot.number}/results", f"pilot-{pilot.number}.csv"
    received = analyst.submit(page, "upload", {}, files={"csv": (name, content, "text/csv")})
    upload = received.form("abandon", {}).filled({})["upload_id"][0]
    address = f"/pilots/{pilot.number}/uploads/{decode(upload)[1]}"
    until(lambda: BEING_CHECKED not in analyst.read(address).text, f"the check of {name}")
    analyst.submit(address, "record", {})


def _stored(analyst: Person, pilot: Pilot) -> str:
    """What the hub holds. Raises InnoHubError where that is not what was handed in."""
    source = "CSV" if pilot.trial.by_file else "API"
    for stored in analyst.query(op.DATASETS, id=pilot.id)["pilot"]["datasets"]["nodes"]:
        if stored["source"] == source and len(stored["cells"]) == len(pilot.trial.cells):
            return f"version {stored['version']}, source {source}, {stored['cellsHash'][:12]}…"
    raise InnoHubError(f"The data of pilot {pilot.number} are not stored as they were handed in.")


def report(market: Market) -> list[Row]:
    """The pilots end; one analyst has the effect computed, a second one reproduces it."""
    owner = market.person(OWNER, FORCE)
    first, second = (market.person(ANALYST, FORCE, number) for number in range(2))
    for pilot in market.pilots:
        owner.change(op.FINISH, pilotId=pilot.id)
        pilot.result_id = first.change(op.REPORT, pilotId=pilot.id)["result"]["id"]
        confirmed = second.change(op.CONFIRM, resultId=pilot.result_id)["result"]
        if confirmed["confirmedAt"] is None:
            raise InnoHubError(f"The result of pilot {pilot.number} is not confirmed.")
    happened = f"{owner.name} ends the pilots early, {first.name} has the effects computed"
    return [Row("Report", happened, f"{second.name} reproduces {len(market.pilots)} results")]


def decide(market: Market) -> list[Row]:
    """The supplier has nothing to correct, the force decides: each result is published."""
    machine, owner = market.machine(SUPPLIER), market.person(OWNER, FORCE)
    rows = []
    for pilot in market.pilots:
        trial = pilot.trial
        machine.change(op.COMMENT, pilotId=pilot.id)
        owner.change(
            op.DECIDE,
            pilotId=pilot.id,
            decision=trial.decision,
            reason=trial.reason,
            implementation=trial.noted,
        )
        found = owner.query(op.PILOT, id=pilot.id)["pilot"]
        pilot.found = found["result"]
        if found["state"] != "PUBLISHED" or pilot.found["publishedAt"] is None:
            raise InnoHubError(f"Pilot {pilot.number} is {found['state'].lower()}, not published.")
        decision = trial.decision.lower().replace("_", " ")
        happened = f"Pilot {pilot.number}, {trial.kpi.replace('_', ' ')}: {decision}"
        rows.append(Row("Publish result", happened, effect_of(pilot.found)))
    return rows


def effect_of(result: dict[str, Any]) -> str:
    """ "rate ratio 0.83 (95% CI 0.54 to 1.27), grade 3: inconclusive"."""
    name = result["scale"].replace("_", " ")
    numbers = f"{result['effect']:.3g} (95% CI {result['lower']:.3g} to {result['upper']:.3g})"
    verdict = result["verdict"].lower().replace("_", " ")
    return f"{name} {numbers}, grade {result['grade']}: {verdict}"


def rate(market: Market) -> list[Row]:
    """The force that piloted it rates it, in the page; another force cannot."""
    lead = market.person(LEAD, FORCE)
    pilot = market.pilots[0]
    given = {name: str(stars) for name, stars in STARS.items()}
    lead.submit(f"/pilots/{pilot.number}/rating", "rate", given | {"comment": COMMENT})
    found = lead.query(op.OF_TECHNOLOGY, slug=market.listing.slug)["technology"]
    if found["rating"]["count"] != 1:
        raise InnoHubError("The rating does not count.")
    happened = f"{lead.name} rates it in {len(STARS)} dimensions in the page"
    proof = f"1 force, shrunk mean {found['rating']['shrunkMean']:.2f}"
    return [Row("Rate", happened, proof), _refused(market, pilot)]


def _refused(market: Market, pilot: Pilot) -> Row:
    """Raises InnoHubError where the other force is let in."""
    stranger = market.person(LEAD, OTHER_FORCE)
    try:
        stranger.change(op.RATE, pilotId=pilot.id, comment=COMMENT, **STARS)
    except Refused as refused:
        if refused.reason != "denied":
            raise
        happened = f"{stranger.name}, whose force did not pilot it, tries to rate it"
        return Row("Rate", happened, "refused, as it must (denied)")
    raise InnoHubError(f"{stranger.name} could rate what {OTHER_FORCE} did not pilot.")


def search_again(market: Market) -> list[Row]:
    """What the trials found is what it is found by."""
    stranger = market.person(LEAD, OTHER_FORCE)
    found = finds(market, stranger, q=market.listing.name, force="westmarch", rating="3")
    happened = f"{stranger.name} finds it by the force that piloted it and by its rating"
    return [Row("Search", happened, found)]
