"""The public register: what was registered, what was reported of it, and how late."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.identity.actor import Actor
from innohub.market.pilots.register import Reporting
from innohub.web.downloads import Column, codebook, csv_file, day_of
from innohub.web.page import Data, Page
from innohub.web.pages.register.standing import WORDS, Standing, table
from innohub.web.paging import page_of
from innohub.web.reading import Document, read

PAGE_SIZE = 20
LONGEST = 20_000
"""Rows in a file; a register of forty-three forces for decades has fewer."""
COLUMNS = (
    Column("pilot", "The pilot's number; its page is /pilots/NUMBER"),
    Column("title", "What the pilot is called"),
    Column("force", "The force that runs it"),
    Column("supplier", "The supplier of the technology"),
    Column("technology", "What is tried out"),
    Column("kpi", "The primary indicator, by its id in the shared dictionary"),
    Column("design", "The registered design"),
    Column("registered_on", "The day on which the protocol was locked", "date, in London"),
    Column("protocol_sha256", "The hash of the locked protocol", "64 hexadecimal digits"),
    Column("result_due_on", "The day by which a result was promised", "date"),
    Column("reporting", "How it stands", ", ".join(Reporting)),
    Column("reported_on", "The day on which a second analyst confirmed it", "date, in London"),
    Column("days_late", "From the due day to the report, or to today", "days"),
    Column("published_on", "The day on which it was published", "date, in London"),
    Column("verdict", "What the published result says, by the market's rules"),
    Column("explanation", "Why it is overdue, in the senior responsible owner's words"),
    Column("demonstration", "Invented for the demonstration market", "yes or no"),
)  # fmt: skip


@dataclass(frozen=True)
class Search:
    """What the address asks for; what is no filter of ours is left out."""

    reporting: str
    force: str
    supplier: str

    @classmethod
    def of(cls, request: Request) -> "Search":
        query = request.query_params
        reporting = query.get("reporting", "")
        return cls(
            reporting=reporting if reporting in WORDS else "",
            force=query.get("force", "")[:100],
            supplier=query.get("supplier", "")[:100],
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.reporting or self.force or self.supplier)

    @property
    def filter(self) -> dict[str, Any]:
        found: dict[str, Any] = {"registered": True}
        for name in ("reporting", "force", "supplier"):
            if value := getattr(self, name):
                found[name] = [value]
        return found


def variables(request: Request) -> Data:
    return {"filter": Search.of(request).filter, **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    names = {"onTime", "late", "due", "unreported", "notDue"}
    return {
        "search": Search.of(request),
        "words": WORDS,
        "whole": Standing.of({name: data[name]["totalCount"] for name in names}),
        "forces": table(data["forces"]),
        "suppliers": table(data["suppliers"]["nodes"]),
        "asked": request.url.query,
    }


async def file(request: Request) -> Response:
    """The register as the reader has narrowed it, whole."""
    rows = [_told(pilot) async for pilot in _pilots(request)]
    return csv_file("register", COLUMNS, rows)


async def codebook_of(request: Request) -> Response:
    return codebook("register-codebook", COLUMNS)


async def _pilots(request: Request) -> AsyncIterator[Data]:
    asked, after = Search.of(request).filter, None
    for _ in range(0, LONGEST, 100):
        found = (await read(request, LISTING, {"filter": asked, "after": after}))["pilots"]
        for pilot in found["nodes"]:
            yield pilot
        if not found["pageInfo"]["hasNextPage"]:
            return
        after = found["pageInfo"]["endCursor"]


def _told(pilot: Data) -> dict[str, Any]:
    protocol, result = pilot["protocol"], pilot["result"]
    return {
        "pilot": pilot["number"],
        "title": pilot["title"],
        "force": pilot["force"]["name"],
        "supplier": pilot["supplier"]["name"],
        "technology": pilot["technology"]["name"] if pilot["technology"] else None,
        "kpi": pilot["kpi"],
        "design": protocol["design"],
        "registered_on": day_of(protocol["lockedAt"]),
        "protocol_sha256": protocol["hash"],
        "result_due_on": protocol["resultDueOn"],
        "reporting": pilot["reporting"].lower(),
        "reported_on": day_of(pilot["reportedAt"]),
        "days_late": pilot["daysLate"],
        "published_on": day_of(pilot["publishedAt"]),
        "verdict": result["verdict"].lower() if result and result["publishedAt"] else None,
        "explanation": pilot["overdueExplanation"],
        "demonstration": pilot["demonstration"],
    }


_FOLDER = files("innohub.web.pages").joinpath("register")
LISTING = Document(_FOLDER.joinpath("listing.graphql").read_text(), "register/listing.graphql")
FILES = [
    Route("/register.csv", file, name="register_file"),
    Route("/register-codebook.csv", codebook_of, name="register_codebook"),
]
PAGE = Page("register", "/register", variables=variables, context=context)
