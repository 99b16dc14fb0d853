"""What may be asked of searches: the words they use, and what is kept of them."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Reason
from innohub.market.finding.criteria import Criteria
from innohub.market.finding.models import SynonymUse

Word = Annotated[str, StringConstraints(min_length=2, max_length=60, strip_whitespace=True)]


def _each_once(words: list[str]) -> list[str]:
    seen: dict[str, str] = {}
    for word in words:
        if not any(letter.isalnum() for letter in word):
            raise ValueError("A word has to hold a letter or a figure.")
        seen.setdefault(word.casefold(), " ".join(word.split()))
    return list(seen.values())


Words = Annotated[list[Word], AfterValidator(_each_once), Field(min_length=1, max_length=30)]
"""Words or short phrases; of those that differ in capitals only, the first."""


class AddSynonyms(Command):
    """Words that stand for each other in a search, or that say little in one."""

    use: SynonymUse
    words: Words


class ChangeSynonyms(Command):
    """Put other words in the place of a set's. `revision` is what the person saw."""

    set_id: Annotated[int, IdOf("SynonymSet")]
    words: Words
    revision: int | None = None


class RetireSynonyms(Command):
    """Let no search use the set any longer."""

    set_id: Annotated[int, IdOf("SynonymSet")]
    reason: Reason
    revision: int | None = None


class SaveSearch(Command):
    """Keep a search under a name, and be told of every listing that fits from now on."""

    name: Line
    criteria: Criteria


class DeleteSavedSearch(Command):
    search_id: Annotated[int, IdOf("SavedSearch")]


class LockSearch(Command):
    """Keep for good what a search finds now and why these were chosen. `force_id` is needed only
    by somebody who acts for several."""

    force_id: Annotated[int, IdOf("Force")] | None = None
    title: Line
    criteria: Criteria
    chosen: Annotated[list[Annotated[int, IdOf("Technology")]], Field(min_length=1, max_length=20)]
    """Of the results, those that the force goes on with."""
    reason: Reason
