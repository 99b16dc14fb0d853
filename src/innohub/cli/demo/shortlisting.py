"""The innovation board: a round from its plan to the published shortlist."""

from typing import Any

from innohub.cli.demo import operations as op
from innohub.cli.demo.callers import Person
from innohub.cli.demo.market import BOARD, FORCE, BoardRound, Market, Row
from innohub.errors import InnoHubError

OTHERS = 2
WEIGHTS = {
    "operational_need": 20,
    "evidence_of_effect": 30,
    "value_for_money": 20,
    "feasibility_and_integration": 15,
    "legal_ethical_public_trust": 10,
    "scalability_across_forces": 5,
}
RECUSED = 1
"""The member whose own force piloted the technology, by the order of the accounts."""
ACTUAL = f"{FORCE}, which piloted this technology and decided on it, is my employer."


def open_round(market: Market) -> list[Row]:
    """Plan a round with weighted criteria, enter the candidates, open it."""
    chair, secretary = _chair(market), _secretary(market)
    ids = [each.query(op.WHO_AM_I)["viewer"]["personId"] for each in _scorers(market)]
    planned = secretary.change(
        op.PLAN_ROUND,
        title=f"Demonstration round: {market.listing.name} and others",
        purpose="Which technologies should be offered to every force next year?",
        criteria=[{"criterion": name, "weight": weight} for name, weight in WEIGHTS.items()],
        places=2,
        members=ids,
        demonstration=True,
        standstillDays=0,
    )["round"]
    for technology_id in [market.listing.id, *_others(market, secretary)]:
        secretary.change(op.ADD_ITEM, roundId=planned["id"], technologyId=technology_id)
    chair.change(op.OPEN_ROUND, roundId=planned["id"])
    secretary.change(op.CLOSE_ENTRIES, roundId=planned["id"])
    market.round = BoardRound(planned["id"], planned["number"])
    happened = f"{secretary.name} plans it, {chair.name} opens it: {1 + OTHERS} candidates"
    proof = f"/rounds/{planned['number']}, {len(WEIGHTS)} weighted criteria"
    return [Row("Round", happened, proof)]


def declare(market: Market) -> list[Row]:
    """Every member declares on every candidate; one has a conflict, and is recused."""
    chair, recused = _chair(market), _members(market)[RECUSED]
    items = _items(market, chair)
    ours = _ours(market, items)
    for person in _scorers(market):
        for item in items:
            if person is recused and item is ours:
                given = {
                    "itemId": item["id"],
                    "kind": "ACTUAL",
                    "conflictInterest": "EMPLOYER_FORCE_RUNS_PILOT",
                    "detail": ACTUAL,
                }
            else:
                given = {"itemId": item["id"], "kind": "NONE"}
            interest = person.change(op.DECLARE_INTEREST, **given)["interest"]
            if given["kind"] == "ACTUAL":
                settled = {"interestId": interest["id"], "action": "RECUSE_ITEM"}
                chair.change(op.RESOLVE_INTEREST, **settled)
    if any(item["id"] == ours["id"] for item in _items(market, recused)):
        raise InnoHubError(f"{recused.name} is recused and still sees the candidate.")
    count = len(_scorers(market)) * len(items)
    happened = f"{count} declarations; {recused.name} is recused from {market.listing.name}"
    return [Row("Interests", happened, "the recused member no longer sees the candidate")]


def score(market: Market) -> list[Row]:
    """Blind scores within the evidence cap, then the totals."""
    secretary, recused = _secretary(market), _members(market)[RECUSED]
    secretary.change(op.START_SCORING, roundId=market.round.id)
    sheets = 0
    for place, person in enumerate(_scorers(market)):
        items = _items(market, person)
        for item in items:
            scores = _sheet(market, item, place)
            person.change(op.SCORE, itemId=item["id"], scores=scores)
        sheets += len(items)
        if person is recused and len(items) != OTHERS:
            raise InnoHubError(f"{person.name} was asked to score what they are recused from.")
    secretary.change(op.CLOSE_SCORING, roundId=market.round.id)
    happened = f"{len(_scorers(market))} members hand in {sheets} score sheets with reasons"
    totals = sorted((item["total"] for item in _items(market, _chair(market))), reverse=True)
    return [Row("Scores", happened, "totals " + ", ".join(f"{each:.1f}" for each in totals))]


def publish(market: Market) -> list[Row]:
    """Rank, stand still, finish: the shortlist stands on a page that anybody can read."""
    chair, secretary = _chair(market), _secretary(market)
    reasons = [
        {
            "itemId": item["id"],
            "declineReason": "EVIDENCE_WEAK",
            "reason": f"{item['total']:.1f} of 100 by the criteria and weights that were locked "
            f"when the round opened, with an evidence score of at most {item['evidenceCap']}.",
        }
        for item in _items(market, chair)
    ]
    chair.change(op.RANK, roundId=market.round.id, decisions=reasons)
    secretary.change(op.START_STANDSTILL, roundId=market.round.id)
    secretary.change(op.FINISH_ROUND, roundId=market.round.id)
    visitor = market.stack.enter_context(Person(market.hub))
    items = _items(market, visitor)
    page = f"/rounds/{market.round.number}"
    text = visitor.read(page).text
    for item in items:
        if item["technology"]["name"] not in text or item["decisionReason"] not in text:
            raise InnoHubError(f"{page} does not show every candidate with its reason.")
    ranked = sorted(items, key=lambda item: item["rank"])
    told = [f"{i['rank']} {i['technology']['name']}: {_words(i['decision'])}" for i in ranked]
    return [Row("Shortlist", "; ".join(told), f"{page}, open to everybody, with the reasons")]


def _chair(market: Market) -> Person:
    return market.person("Board chair", BOARD)


def _secretary(market: Market) -> Person:
    return market.person("Board secretary", BOARD)


def _members(market: Market) -> list[Person]:
    return [market.signed_in(each) for each in market.accounts.all("Board member", BOARD)]


def _scorers(market: Market) -> list[Person]:
    return [_chair(market), *_members(market)]


def _items(market: Market, reader: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.query(op.ROUND, id=market.round.id)["round"]["items"]
    return found


def _ours(market: Market, items: list[dict[str, Any]]) -> dict[str, Any]:
    for item in items:
        if item["technology"]["id"] == market.listing.id:
            return item
    raise InnoHubError(f"{market.listing.name} is not among the candidates.")


def _others(market: Market, reader: Person) -> list[str]:
    """The best evidenced technologies of other suppliers who quote a price."""
    found = reader.query(op.BY_EVIDENCE)["technologies"]["nodes"]
    own = {node["supplier"]["slug"] for node in found if node["id"] == market.listing.id}
    priced = [node for node in found if node["priceQuoted"]]
    others = [node["id"] for node in priced if node["supplier"]["slug"] not in own]
    if len(others) < OTHERS:
        raise InnoHubError("The market holds too few quoted technologies of other suppliers.")
    return others[:OTHERS]


def _sheet(market: Market, item: dict[str, Any], place: int) -> list[dict[str, Any]]:
    """One member's scores: our candidate a point above the others, evidence within its cap."""
    ours = item["technology"]["id"] == market.listing.id
    value = 4 if ours or place % 2 else 3
    scores = dict.fromkeys(WEIGHTS, value)
    scores["evidence_of_effect"] = min(item["evidenceCap"], value + ours)
    return [
        {"criterion": name, "value": given, "reason": _reason(name, given, item)}
        for name, given in scores.items()
    ]


def _reason(criterion: str, value: int, item: dict[str, Any]) -> str:
    words = {3: "meets", 4: "exceeds", 5: "is outstanding in"}.get(value, "falls short of")
    return (
        f"On {_words(criterion)}, {item['technology']['name']} {words} what we ask for, by the "
        "published results and what its listing says about data, price and deployment."
    )


def _words(name: str) -> str:
    return name.lower().replace("_", " ")
