"""How searches are read, and the words of policing that they use."""

import re
from datetime import datetime

import strawberry

from innohub.errors import Invalid
from innohub.graphql.read.declare import Connection, Node, column, node, where
from innohub.market.finding import models as rows
from innohub.market.finding import policy
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
    typed = set(text.casefold().split())
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
