"""Reads the demonstration market from its files, types it and checks it against itself.

Organisations, suppliers, people and products are invented and marked so. Only the trials whose
source is `literature` are real; each carries its citation and how its figures became cells.
"""

from typing import Any, TypeVar

from pydantic import ValidationError

from innohub.seed.challenges import StoryChallenge
from innohub.seed.checks import problems_of
from innohub.seed.earlier import StoryEarlier
from innohub.seed.kpis import StoryKpi
from innohub.seed.market import Story
from innohub.seed.papers import StoryPaper
from innohub.seed.pools import StoryPool
from innohub.seed.quotes import StandingQuote
from innohub.seed.records import (
    StoryAnswer,
    StoryOrganisation,
    StoryPerson,
    StorySupplier,
    StoryTechnology,
)
from innohub.seed.reference import Record, load_forces, load_references, read_yaml
from innohub.seed.rounds import StoryRound
from innohub.seed.savings import StoryLedger
from innohub.seed.searches import StorySearch
from innohub.seed.together import StoryTogether
from innohub.seed.trials import StoryEmmie, StoryPilot, StoryProtocol, StoryRating

__all__ = ["SOURCES", "Story", "StoryError", "load_story", "parse_rows"]

SOURCES: dict[str, tuple[str, ...]] = {
    "organisations": ("organisations.yaml",),
    "suppliers": ("suppliers.yaml",),
    "people": ("people.yaml",),
    "technologies": (
        "technologies-video-and-ai.yaml",
        "technologies-software.yaml",
        "technologies-data-and-sensing.yaml",
        "technologies-people-and-vehicles.yaml",
    ),
    "pilots": ("pilots-literature.yaml", "pilots.yaml"),
    "protocols": ("protocols.yaml",),
    "emmie": ("emmie.yaml",),
    "answers": ("passport.yaml",),
    "ratings": ("ratings.yaml",),
    "rounds": ("board-rounds.yaml",),
    "together": ("together.yaml",),
    "papers": ("papers.yaml",),
    "searches": ("searches.yaml",),
    "kpis": ("kpis.yaml",),
    "earlier": ("earlier.yaml",),
    "challenges": ("challenges.yaml",),
    "pools": ("pools.yaml",),
    "quotes": ("quotes.yaml",),
    "savings": ("savings.yaml",),
}
"""The files of each kind of row; a file holds its rows under the name of the kind."""

Row = TypeVar("Row", bound=Record)


class StoryError(ValueError):
    """The content is malformed or contradicts itself; the text lists every problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n  ".join(["the demonstration market is not sound:", *problems]))
        self.problems = problems


def load_story() -> Story:
    """The whole demonstration market. Raises StoryError, naming everything that is wrong."""
    story = Story(
        forces=load_forces(),
        references=tuple(load_references()),
        organisations=_rows("organisations", StoryOrganisation),
        suppliers=_rows("suppliers", StorySupplier),
        people=_rows("people", StoryPerson),
        technologies=_rows("technologies", StoryTechnology),
        pilots=_rows("pilots", StoryPilot),
        protocols=_rows("protocols", StoryProtocol),
        emmie=_rows("emmie", StoryEmmie),
        answers=_rows("answers", StoryAnswer),
        ratings=_rows("ratings", StoryRating),
        rounds=_rows("rounds", StoryRound),
        together=_rows("together", StoryTogether),
        papers=_rows("papers", StoryPaper),
        searches=_rows("searches", StorySearch),
        kpis=_rows("kpis", StoryKpi),
        earlier=_rows("earlier", StoryEarlier),
        challenges=_rows("challenges", StoryChallenge),
        pools=_rows("pools", StoryPool),
        quotes=_rows("quotes", StandingQuote),
        savings=_rows("savings", StoryLedger),
    )
    problems = problems_of(story)
    if problems:
        raise StoryError(problems)
    return story


def parse_rows(name: str, rows: list[dict[str, Any]], model: type[Row]) -> tuple[Row, ...]:
    """Type the rows of the file `name`. Raises StoryError with the row and field of each fault."""
    parsed: list[Row] = []
    problems: list[str] = []
    for position, row in enumerate(rows, start=1):
        try:
            parsed.append(model.model_validate(row))
        except ValidationError as error:
            called = row.get("slug") or row.get("email") or row.get("pilot") or f"row {position}"
            problems += [
                f"{name}: {called}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"
                for fault in error.errors()
            ]
    if problems:
        raise StoryError(problems)
    return tuple(parsed)


def _rows(kind: str, model: type[Row]) -> tuple[Row, ...]:
    found: tuple[Row, ...] = ()
    for name in SOURCES[kind]:
        found += parse_rows(name, read_yaml("innohub.seed", "content", name)[kind], model)
    return found
