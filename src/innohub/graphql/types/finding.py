"""How searches are read, and the words of policing that they use."""

import re
from datetime import datetime

import strawberry

from innohub.db import identifiers
from innohub.errors import Invalid
from innohub.graphql.read.declare import Connection, Follows, Node, column, many, node, one, where
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.versions import ListingVersion
from innohub.market.finding import kept, locked, policy, service
from innohub.market.finding import models as rows
from innohub.market.finding.models import SynonymUse

strawberry.enum(SynonymUse)


@node(rows.SynonymSet, policy.synonyms_visible, name="SynonymSet")
class SynonymSet(Node):
    """Words of policing that stand for each other in a search, or that say little in one."""

    use: SynonymUse = column(rows.SynonymSet.use)
    words: list[str] = column(rows.SynonymSet.words)
    retired_at: datetime | None = column(
        rows.SynonymSet.retired_at, "From then on no search uses it."
    )
    revision: int = column(rows.SynonymSet.revision, "Send it back with a change.")


@strawberry.input
class SynonymFilter:
    retired: bool | None = where(lambda row, value: row.retired_at.is_not(None) == value)
    use: SynonymUse | None = where(lambda row, value: row.use == value)


SynonymConnection = Connection[SynonymSet]


@node(kept.SavedSearch, policy.saved_search_visible, name="SavedSearch")
class SavedSearch(Node):
    """A search of one's own, of whose new results one is told."""

    name: str = column(kept.SavedSearch.name)
    query: str = column(
        kept.SavedSearch.query, "The query of the search page's address that asks the same."
    )
    saved_at: datetime = column(kept.SavedSearch.created_at)


SavedSearchConnection = Connection[SavedSearch]


@node(
    locked.LockedResult,
    policy.locked_result_visible,
    name="LockedResult",
    follows=Follows(locked.LockedSearch, "locked_search_id"),
)
class LockedResult:
    """One result of a locked search, with the numbers that gave it its place."""

    place: int = column(locked.LockedResult.place)
    name: str = column(locked.LockedResult.name)
    supplier: str = column(locked.LockedResult.supplier)
    version_number: int = column(locked.LockedResult.version)
    content_hash: str = column(locked.LockedResult.content_hash, "Of the listing version.")
    fit: int = column(
        locked.LockedResult.fit, "How well it fitted the words, 0 to 4; 4 where none were asked."
    )
    evidence: int = column(
        locked.LockedResult.evidence, "What ordered those that fitted alike, the higher the better."
    )
    why: str = column(locked.LockedResult.why)
    chosen: bool = column(locked.LockedResult.chosen)
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    version: ListingVersion | None = one(lambda row, other: other.id == row.listing_version_id)


@node(locked.LockedSearch, policy.locked_search_visible, name="LockedSearch")
class LockedSearch(Node):
    """Why this supplier: a search, what it found at that moment, and the reason for the choice."""

    number: int = column(locked.LockedSearch.id)
    title: str = column(locked.LockedSearch.title)
    query: str = column(
        locked.LockedSearch.query, "The query of the search page's address that asks the same."
    )
    read_as: str = column(
        locked.LockedSearch.read_as, "The words of the search, typing errors mended."
    )
    total: int = column(
        locked.LockedSearch.total, "How many were found; the first hundred are kept."
    )
    reason: str = column(locked.LockedSearch.reason)
    locked_at: datetime = column(locked.LockedSearch.created_at)
    locked_by: str = column(locked.LockedSearch.locked_by_name)
    hash: str = column(
        locked.LockedSearch.hash, "SHA-256 over the canonical JSON of the whole record."
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    results: list[LockedResult] = many(
        lambda row, result: result.locked_search_id == row.id,
        lambda result: [result.place],
        "The first hundred are kept.",
    )


LockedSearchConnection = Connection[LockedSearch]


@strawberry.type(description="What became of one listing since a search was locked.")
class ReplayedResult:
    name: str
    slug: str
    place_then: int | None
    place_now: int | None
    changes: list[str] = strawberry.field(description="Empty where all is as it was.")


@strawberry.type(description="A locked search, asked again now.")
class SearchReplay:
    total_now: int
    whole: bool = strawberry.field(description="The record still has its hash.")
    results: list[ReplayedResult]


async def search_replay(info: strawberry.Info, id: strawberry.ID) -> SearchReplay:
    """Raises NotFound for what the viewer does not see."""
    kind, number = identifiers.decode(id)
    context = info.context
    async with context.database.session() as session:
        found = await service.replay(
            session, context.actor, number if kind == "LockedSearch" else 0
        )
    return SearchReplay(
        total_now=found.total_now,
        whole=found.whole,
        results=[
            ReplayedResult(
                name=line.name,
                slug=line.slug,
                place_then=line.place_then,
                place_now=line.place_now,
                changes=list(line.changes),
            )
            for line in found.lines
        ],
    )


@strawberry.type(description="A mistyped word, and the known one that it was read as.")
class Correction:
    typed: str
    read_as: str


@strawberry.type(description="How a search for technologies is read.")
class SearchReading:
    text: str = strawberry.field(description="What was asked, typing errors mended.")
    corrections: list[Correction]
    literally: str = strawberry.field(
        description="A search for just what was typed: the mistyped words in quotation marks."
    )
    alike: list[str] = strawberry.field(
        description="Words that are found beside those that were typed."
    )


_READ = "SELECT corrected, wrong, instead, alike FROM search_read($1)"


async def search_reading(info: strawberry.Info, text: str) -> SearchReading:
    """Asked by itself, beside the search: the search is read the same way in its own statement."""
    if "\x00" in text:
        raise Invalid("Text may not hold the NUL character.", field="text")
    async with info.context.reads.connection() as connection:
        found = await connection.fetchrow(_READ, text)
    typed = set(f"{text} {found['corrected']}".casefold().split())
    return SearchReading(
        text=found["corrected"],
        corrections=[
            Correction(typed=one, read_as=other)
            for one, other in zip(found["wrong"], found["instead"], strict=True)
        ],
        literally=_literally(text, found["wrong"]),
        alike=[word for word in found["alike"] if word.casefold() not in typed],
    )


def _literally(text: str, wrong: list[str]) -> str:
    """The search with quotation marks around these of its words."""
    for word in wrong:
        text = re.sub(rf'(?<!["\w]){re.escape(word)}(?!\w)', f'"{word}"', text, flags=re.IGNORECASE)
    return text
