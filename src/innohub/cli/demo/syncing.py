"""What arrived: the receiving system's own count against the hub's."""

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from innohub.cli.demo import operations as op
from innohub.cli.demo.market import Market, Row
from innohub.cli.demo.publishing import REFUSED_AT_FIRST, until
from innohub.cli.demo.receiving import RESULTS
from innohub.errors import InnoHubError


def compare(market: Market) -> list[Row]:
    """Wait until nothing is on its way any more, then set both counts against each other.

    Raises InnoHubError where they differ in any type, number or order.
    """
    system = market.receiver
    until(lambda: system.state()["waiting"] == 0, "the last deliveries")
    state, report = system.state(), system.report()
    rows = system.delivered()
    hub, theirs = system.delivered_by_type(), report["by_type"]
    if hub != theirs:
        raise InnoHubError(f"The hub delivered {hub}; the receiving system took {theirs}.")
    if state["dead"] or state["delivered"] != report["received"]:
        raise InnoHubError(f"The hub counts {state}; the receiving system {report['received']}.")
    _demand_order(rows, report)
    kinds = ", ".join(f"{count} {name}" for name, count in sorted(hub.items()))
    return [
        Row("Sync", f"{state['delivered']} events delivered: {kinds}", _logged(market)),
        Row(
            "Sync",
            f"OAuth: {report['tokens_issued']} tokens for {_asked(report)} requests, each signed",
            f"{report['duplicates']} doubles, {len(report['out_of_order'])} streams out of order",
        ),
        _results(market, hub, theirs),
    ]


def _logged(market: Market) -> str:
    """The log's page, narrowed to the results. Raises InnoHubError where it lacks one."""
    system = market.receiver
    query = urlencode({"state": "delivered", "type": RESULTS})
    page = f"/integrations/{system.connection_number}?{query}"
    links = {link for link in system.admin.read(page).links if link.startswith("/deliveries/")}
    if len(links) != len(market.pilots):
        raise InnoHubError(f"{page} shows {len(links)} deliveries, not {len(market.pilots)}.")
    return f"log: {page}"


def _results(market: Market, hub: dict[str, int], theirs: dict[str, int]) -> Row:
    """The last line: published on the hub, delivered by it, received."""
    found = market.receiver.admin.query(op.OF_TECHNOLOGY, slug=market.listing.slug)
    published = found["technology"]["results"]["totalCount"]
    if not published == hub.get(RESULTS) == theirs.get(RESULTS) == len(market.pilots):
        raise InnoHubError(
            f"{published} results are published, {hub.get(RESULTS, 0)} delivered, "
            f"{theirs.get(RESULTS, 0)} received."
        )
    happened = f"Results published on the hub: {published}; delivered: {hub[RESULTS]}"
    return Row("Sync", happened, f"results in the receiving system: {theirs[RESULTS]}")


def _demand_order(rows: list[dict[str, Any]], report: dict[str, Any]) -> None:
    def stream(row: dict[str, Any]) -> str:
        return str(row["stream"])

    ours = {
        name: sorted(row["seq"] for row in group)
        for name, group in groupby(sorted(rows, key=stream), key=stream)
    }
    if report["out_of_order"] or report["duplicates"] or ours != report["streams"]:
        raise InnoHubError(f"Not in order: the hub {ours}, the receiving system {report}.")


def _asked(report: dict[str, Any]) -> int:
    """Requests with an event. Raises InnoHubError where each came with a token of its own."""
    asked: int = report["received"] + report["failed_on_purpose"]
    if report["failed_on_purpose"] != REFUSED_AT_FIRST or report["tokens_issued"] >= asked:
        raise InnoHubError(f"Tokens were not kept, or something failed: {report}.")
    return asked
