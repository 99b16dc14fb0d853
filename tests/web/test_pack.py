"""The due-diligence pack: what it says, that it can be read aloud, that nothing written is code."""

import asyncio
import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pypdf
import pytest
import typst

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.models import PilotState
from innohub.market.ratings.models import Rating
from innohub.web.pack import printing
from innohub.web.pack.printing import KEPT, Press, set_in_type
from tests.factories import a_supplier, somebody, the_force
from tests.web.shelf import a_listing, a_pilot, a_rating, a_result, an_answer
from tests.web.visitor import Visitor

CODE = (
    '#panic("taken for code") #import "@preview/x:1.0.0": * #read("/etc/passwd") \\ ] } ) '
    '= Heading *bold* _it_ $x$ `raw` @ref <label> // gone /* gone */ #eval("1")'
)
"""What an attacker would write who knows what the pack is set with."""


def text_of(pdf: bytes) -> str:
    """All that the PDF says, with the lines run together."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


async def pack(visitor: Visitor, slug: str) -> str:
    response = await visitor.client.get(f"/technologies/{slug}/due-diligence.pdf")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    return text_of(response.content)


async def piloted(database: Database, technology: Technology) -> None:
    """One that worked, one that did not, one that is unreported, one that is not public."""
    kent, essex = await the_force(database), await the_force(database, "essex")
    good = await a_pilot(database, technology, kent, PilotState.PUBLISHED, title="The good one")
    await a_result(database, good)
    await a_rating(database, good, comment="We kept it after the trial.")
    bad = await a_pilot(database, technology, essex, PilotState.PUBLISHED, title="The bad one")
    await a_result(
        database, bad, Verdict.DIDNT_WORK, effect=-1.0, lower=-3.0, upper=1.0, grade=3,
        finding="Minutes to redact a file: no change worth having.",
    )  # fmt: skip
    await a_pilot(database, technology, essex, PilotState.ANALYSING, title="The silent one")
    await a_pilot(
        database, technology, essex, PilotState.REPORTED, title="The reported one",
        site="Harlow", reported_at=database.clock(),
    )  # fmt: skip


async def test_it_says_what_is_known_failures_and_silence_included(
    visitor: Visitor, database: Database, clock: Any
) -> None:
    technology = await a_listing(
        database, slug="veilwright", trl_evidence="Two years in Kent.", ai_role="assists",
        hosting=["on_device"], data_kinds=[], integrations=["Niche RMS", "Axon Evidence"],
    )  # fmt: skip
    await piloted(database, technology)
    await an_answer(database, technology, await the_force(database))
    clock.pass_days(60)
    told = await pack(visitor, "veilwright")
    for words in (
        "Due diligence: Veilwright",
        "on 1 January 2027, at listing version 1",
        "http://hub.test/technologies/veilwright",
        "£1,250 to £3,000 per user per year",
        "Two years in Kent.",
        "Niche RMS, Axon Evidence",
        "On the device",
        "AI Assists",
        "Data protection impact assessment (DPIA)",
        "1 added to it",
        "Version Live since What changed Hash begins 1 2 November 2026 The first version",
        "5 January 2026, to 5 January 2027",
        "The good one",
        "Worked.",
        "24.4 minutes lower (18.2 to 30.6)",
        "The bad one",
        "Did not work.",
        "1 minutes lower (3 minutes lower to 1 minutes higher)",
        "The silent one",
        "Registered, unreported: was due on 30 October 2026",
        "No result published yet: due on 30 October 2026",
        "3.2 out of 5 from 1 force",
        "We kept it after the trial.",
        "Veilwright: data_use.",
    ):
        assert words in told, words


async def test_it_holds_what_anybody_may_read_whoever_asks(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database, slug="veilwright")
    kent = await the_force(database)
    hidden = await a_pilot(database, technology, kent, PilotState.SCOPING, title="Unregistered")
    own = await a_pilot(database, technology, kent, PilotState.REPORTED, title="Not published")
    await a_result(database, own, finding="A secret finding.")
    lead = await somebody(database, kent, Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(lead.person)
    assert hidden.title in (await visitor.see("/technologies/veilwright")).main.text
    told = await pack(visitor, "veilwright")
    assert "Unregistered" not in told
    assert "A secret finding" not in told
    assert "No result published yet: due on 30 October 2026" in told


async def test_hidden_words_leave_their_reason(visitor: Visitor, database: Database) -> None:
    technology = await a_listing(database, slug="veilwright")
    pilot = await a_pilot(database, technology, await the_force(database), PilotState.PUBLISHED)
    rating = await a_rating(database, pilot, comment="Sergeant Smith broke it.")
    async with database.session() as session, session.begin():
        kept = await session.get_one(Rating, rating.id)
        kept.comment_hidden_because = "It names an officer."
    told = await pack(visitor, "veilwright")
    assert "It names an officer." in told
    assert "Smith" not in told


@pytest.mark.parametrize("state", [ListingState.DRAFT, ListingState.IN_REVIEW])
async def test_of_a_listing_that_is_not_public_there_is_none(
    visitor: Visitor, database: Database, state: ListingState
) -> None:
    supplier = await a_supplier(database)
    await a_listing(database, slug="secret", supplier=supplier, state=state)
    admin = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
    await visitor.sign_in_as(admin.person)
    response = await visitor.client.get("/technologies/secret/due-diligence.pdf")
    assert response.status_code == 404
    assert "due-diligence" not in str((await visitor.see("/technologies/secret")).links())


async def test_its_page_links_to_it(visitor: Visitor, database: Database) -> None:
    await a_listing(database, slug="veilwright")
    page = await visitor.see("/technologies/veilwright")
    address = "/technologies/veilwright/due-diligence.pdf"
    assert page.links("Due-diligence pack (PDF)") == [address]


async def test_nothing_that_anybody_wrote_is_taken_for_code(
    visitor: Visitor, database: Database
) -> None:
    supplier = await a_supplier(database, CODE)
    technology = await a_listing(database, CODE, slug="hostile", supplier=supplier, summary=CODE)
    pilot = await a_pilot(
        database, technology, await the_force(database), PilotState.PUBLISHED, title=CODE, site=CODE
    )
    await a_result(database, pilot, finding=CODE, notes=[CODE])
    await a_rating(database, pilot, comment=CODE)
    told = await pack(visitor, "hostile")
    assert told.count('#panic("taken for code")') >= 6
    assert "root:" not in told
    assert "// gone /* gone */" in told


async def test_a_reader_that_has_it_is_not_sent_it_again(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database, slug="veilwright")
    address = f"/technologies/{technology.slug}/due-diligence.pdf"
    first = await visitor.client.get(address)
    same = await visitor.client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    await piloted(database, technology)
    changed = await visitor.client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


async def test_it_is_tagged_and_says_so(visitor: Visitor, database: Database) -> None:
    technology = await a_listing(database, slug="veilwright")
    await piloted(database, technology)
    response = await visitor.client.get("/technologies/veilwright/due-diligence.pdf")
    reader = pypdf.PdfReader(io.BytesIO(response.content))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == "Due diligence: Veilwright"


CONTENT: dict[str, Any] = {
    "name": "A", "summary": "S", "by": "B", "address": "x", "date": "d", "on": "2026-11-02",
    "version": "1", "hash": "", "demonstration": False, "warning": "", "facts": [], "sections": [],
    "assurance": [], "versions": [], "results": [], "open": [], "pilots": [], "left_out": "",
    "ratings": None, "grades": [],
}  # fmt: skip


def test_characters_that_no_font_shows_cost_the_mark_and_not_the_pack() -> None:
    pdf = set_in_type(json.dumps(CONTENT | {"summary": "A drone \U0001f681 flies."}))
    root: Any = pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" not in root["/Metadata"].get_data()
    assert "flies." in text_of(pdf)


async def test_equal_packs_are_printed_once_and_only_so_many_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed: list[str] = []

    def counted(text: str) -> bytes:
        printed.append(text)
        return text.encode()

    monkeypatch.setattr(printing, "set_in_type", counted)
    press = Press()
    same = await asyncio.gather(*(press.print(CONTENT) for _ in range(5)))
    assert len(printed) == 1
    assert len({one.fingerprint for one in same}) == 1
    for number in range(KEPT):
        await press.print(CONTENT | {"version": str(number + 2)})
    await press.print(CONTENT)
    assert len(printed) == KEPT + 2, "the first was the longest unread"


async def test_a_printing_that_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    press = Press()
    with pytest.raises(typst.TypstError):
        await press.print({"on": "2026-11-02"})
    with pytest.raises(typst.TypstError):
        await press.print({"on": "2026-11-02"})
    assert (await press.print(CONTENT)).pdf.startswith(b"%PDF")


def test_the_day_that_it_shows_is_the_day_of_the_file() -> None:
    metadata = pypdf.PdfReader(io.BytesIO(set_in_type(json.dumps(CONTENT)))).metadata
    assert metadata is not None
    assert metadata.creation_date == datetime(2026, 11, 2, tzinfo=UTC)
    assert date.fromisoformat(CONTENT["on"]) == metadata.creation_date.date()
