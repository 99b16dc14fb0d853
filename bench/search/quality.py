"""How good the search is: judged queries over the demonstration market, asked as the page asks."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import yaml

from innohub.db.engine import ReadPool, create_engine
from innohub.db.unit_of_work import Database
from innohub.graphql.context import Context
from innohub.graphql.operations import Operations
from innohub.graphql.schema import schema
from innohub.hub.wiring import Hub
from innohub.identity.actor import STRANGER
from innohub.settings import Settings

JUDGED = Path(__file__).parent / "judged.yaml"
DEPTH = 10
SEARCH = """query ($search: String!) {
    technologies(filter: { search: $search }, orderBy: RELEVANCE, first: 10) { nodes { slug } } }"""


@dataclass(frozen=True)
class Judged:
    """A search, and how well each listing answers it: 1 to 3, by slug."""

    ask: str
    grades: Mapping[str, int]


@dataclass(frozen=True)
class Answered:
    """A judged search with what was found, the best first."""

    judged: Judged
    found: Sequence[str]

    @property
    def ndcg(self) -> float:
        """Normalised discounted cumulative gain of the first ten, with gains of 2^grade - 1."""
        ideal = _dcg(sorted(self.judged.grades.values(), reverse=True))
        return _dcg([self.judged.grades.get(slug, 0) for slug in self.found]) / ideal


@dataclass(frozen=True)
class Quality:
    answers: Sequence[Answered]

    @property
    def ndcg_at_10(self) -> float:
        return mean(answer.ndcg for answer in self.answers)

    @property
    def zero_result_rate(self) -> float:
        return mean(not answer.found for answer in self.answers)


def judged() -> list[Judged]:
    """The searches of judged.yaml."""
    rows = yaml.safe_load(JUDGED.read_text("utf-8"))
    return [Judged(row["ask"], {s: g for s, g in row["judged"].items() if g}) for row in rows]


async def measure(settings: Settings) -> Quality:
    """Ask every judged query of the market in this database, as anybody may."""
    assert settings.database_url is not None
    engine = create_engine(settings.database_url, settings)
    reads = ReadPool(settings.database_url, settings)
    operations = Operations(schema._schema)
    context = Context(STRANGER, Hub.of(settings), Database(engine), reads, "bench")
    prepared = operations.prepare(SEARCH)
    answers = []
    try:
        for one in judged():
            answer = await operations.execute(prepared, {"search": one.ask}, context)
            assert not answer.errors, (one.ask, answer.errors)
            assert answer.data is not None
            nodes = answer.data["technologies"]["nodes"]
            answers.append(Answered(one, [node["slug"] for node in nodes]))
    finally:
        await reads.close()
        await engine.dispose()
    return Quality(answers)


def _dcg(grades: Sequence[int]) -> float:
    return sum((2**g - 1) / math.log2(place + 2) for place, g in enumerate(grades[:DEPTH]))
