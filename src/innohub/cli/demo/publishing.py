"""The supplier publishes a technology; its own system hears of it."""

import time
from collections.abc import Callable
from datetime import timedelta

from innohub.cli.demo import operations as op
from innohub.cli.demo.listing import FACTS, QUOTE, QUOTED_FOR_DAYS, SECTIONS, assurance
from innohub.cli.demo.market import COMPANY, SUPPLIER, Listing, Market, Row
from innohub.cli.demo.receiving import connected
from innohub.errors import InnoHubError

REFUSED_AT_FIRST = 1
"""So many events the receiving system refuses, for the supplier to replay."""
PATIENCE_SECONDS = 90.0


def connect(market: Market) -> list[Row]:
    """The supplier connects its own system, which is to hear of all that follows."""
    admin = market.person("Supplier admin", SUPPLIER)
    name = f"Demonstration: {market.name}"
    market.receiver = market.stack.enter_context(connected(admin, name, REFUSED_AT_FIRST))
    happened = f"{admin.name} connects the supplier's own system by the webhook connector"
    proof = f"/integrations/{market.receiver.connection_number}, to {market.receiver.address}"
    return [Row("Connect", happened, proof)]


def authorise(market: Market) -> list[Row]:
    """The supplier's API client gets its token."""
    machine = market.machine(SUPPLIER)
    token = machine.authorise()
    happened = f"{machine.name} gets a token by its client credentials"
    proof = f"{token['token_type']}, {token['expires_in']} s, {len(token['scope'].split())} scopes"
    return [Row("Authorise", happened, proof)]


def publish(market: Market) -> list[Row]:
    """Draft, sections, assurance, submission: all by the API client."""
    machine = market.machine(SUPPLIER)
    drafted = machine.change(op.DRAFT, name=market.name, **FACTS)["technology"]
    market.listing = Listing(drafted["id"], drafted["slug"], drafted["name"])
    for section, body in SECTIONS.items():
        machine.change(op.WRITE_SECTION, technologyId=drafted["id"], section=section, body=body)
    items = assurance(market.today)
    for item in items:
        declared = machine.change(op.DECLARE_ITEM, technologyId=drafted["id"], **item)["item"]
        market.assurance_items.append(declared["id"])
    machine.change(op.SUBMIT, technologyId=drafted["id"])
    happened = f"{drafted['name']}: drafted, {len(SECTIONS)} sections, {len(items)} assurance items"
    return [Row("Publish", happened, "submitted by GraphQL")]


def review(market: Market) -> list[Row]:
    """A catalogue reviewer approves it."""
    reviewer = market.person("Catalogue reviewer", COMPANY)
    found = reviewer.change(op.APPROVE_LISTING, technologyId=market.listing.id)["technology"]
    address = f"/technologies/{market.listing.slug}"
    if market.listing.name not in reviewer.read(address).text:
        raise InnoHubError(f"{address} does not show the listing.")
    happened = f"{reviewer.name} approves the version"
    return [Row("Review", happened, f"{found['state'].lower()}: {address}")]


def replay(market: Market) -> list[Row]:
    """The receiving system refused the first event: the supplier replays it."""
    system = market.receiver
    until(lambda: system.state()["dead"] >= REFUSED_AT_FIRST, "the refused event's dead letter")
    dead = system.state()["deliveries"]["nodes"][-1]
    page = f"/integrations/{system.connection_number}"
    admin = system.admin
    delivery = f"/deliveries/{dead['number']}"
    if delivery not in admin.read(page).links:
        raise InnoHubError(f"{page} does not show the delivery that was refused.")
    if "HTTP 422" not in admin.read(delivery).text:
        raise InnoHubError(f"{delivery} does not show the attempt.")
    admin.change(op.REPLAY, deliveryId=dead["id"])
    until(lambda: system.state()["waiting"] == 0, "the replayed delivery")
    state = system.state()
    if state["dead"]:
        raise InnoHubError("The replayed delivery was refused again.")
    told = f"{dead['eventType']} was refused; {admin.name} replays it from the log"
    proof = f"{delivery}: {dead['detail']} Now {state['delivered']} delivered, 0 given up"
    return [Row("Replay", told, proof)]


def verify(market: Market) -> list[Row]:
    """An assurance officer verifies what was declared: without it the board shortlists nothing."""
    officer = market.person("Assurance officer", COMPANY)
    reason = "The certificate is in the issuer's register under this number, and in force."
    for item in market.assurance_items:
        officer.change(op.VERIFY_ITEM, itemId=item, method="ISSUERS_REGISTER", reason=reason)
    passport = f"/technologies/{market.listing.slug}/assurance"
    happened = f"{officer.name} verifies {len(market.assurance_items)} assurance items"
    return [Row("Verify", happened, f"good for every force: {passport}")]


def quote(market: Market) -> list[Row]:
    """The supplier quotes a price that any force can accept: the board wants one, not a band."""
    admin = market.person("Supplier admin", SUPPLIER)
    until_day = market.today + timedelta(days=QUOTED_FOR_DAYS)
    terms = {**QUOTE, "technologyId": market.listing.id, "validUntil": until_day.isoformat()}
    number = admin.change(op.QUOTE, **terms)["quote"]["number"]
    happened = f"{admin.name} quotes {len(QUOTE['tiers']) + 1} prices by quantity, for 36 months"
    proof = f"quote {number}, on /technologies/{market.listing.slug}/price"
    return [Row("Quote", happened, proof)]


def until(done: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Return once `done`. Raises InnoHubError after `seconds`."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise InnoHubError(
                f"Waited {seconds:.0f} seconds for {what}, in vain. Does the worker run?"
            )
        time.sleep(0.25)
