"""Stages for the words that searches use, and for what people keep of their searches."""

from itertools import count
from typing import Any

from innohub.market.finding.models import SynonymSet, SynonymUse
from tests.graphql.matrix.listings import REASON, Stage
from tests.graphql.matrix.world import NOW, World, gid

_numbers = count(1)


async def to_add(world: World) -> dict[str, Any]:
    return {"use": "ALIKE", "words": ["hailer", "loudhailer"]}


def on_synonyms(**fields: Any) -> Stage:
    """The mutation's input names a set in use."""

    async def stage(world: World) -> dict[str, Any]:
        words = [f"lamp{next(_numbers)}", "torchlight"]
        found = SynonymSet(use=SynonymUse.ALIKE, words=words, created_at=NOW)
        await world.add(found)
        return {"setId": gid("SynonymSet", found), **fields}

    return stage


STAGES: dict[str, Stage] = {
    "addSynonyms": to_add,
    "changeSynonyms": on_synonyms(words=["lamp", "torch"]),
    "retireSynonyms": on_synonyms(reason=REASON),
}
