"""Stages for the words that searches use, and for what people keep of their searches."""

from itertools import count
from secrets import token_hex
from typing import Any

from innohub.identity.models import OrganisationKind, Role
from innohub.market.finding.kept import SavedSearch
from innohub.market.finding.models import SynonymSet, SynonymUse
from tests.factories import an_organisation, somebody
from tests.graphql.matrix.listings import REASON, Stage, a_technology
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


async def to_save(world: World) -> dict[str, Any]:
    return {"name": "Drones", "criteria": {"search": "drone"}}


async def to_delete(world: World) -> dict[str, Any]:
    saved = SavedSearch(
        person_id=world.everybody.people["own force_innovation_lead"].person.id,
        name=f"Saved {next(_numbers)}", criteria={"search": "drone"}, query="q=drone",
        created_at=NOW,
    )  # fmt: skip
    await world.add(saved)
    return {"searchId": gid("SavedSearch", saved)}


async def to_lock(world: World) -> dict[str, Any]:
    technology = await a_technology(world)
    return {
        "forceId": gid("Force", world.everybody.organisation("force")),
        "title": "Drones for searches",
        "criteria": {"search": f'"{technology.name}"'},
        "chosen": [gid("Technology", technology)],
        "reason": REASON,
    }


async def to_add_an_organisation(world: World) -> dict[str, Any]:
    return {"kind": "SUPPLIER", "slug": f"supplier-{token_hex(4)}", "name": "Another supplier"}


async def to_merge(world: World) -> dict[str, Any]:
    ending, successor = [
        await an_organisation(world.database, OrganisationKind.SUPPLIER) for _ in range(2)
    ]
    return {
        "organisationId": gid("Supplier", ending),
        "successorId": gid("Supplier", successor),
        "lastDay": "2026-01-31",
        "reason": REASON,
    }


async def to_rename(world: World) -> dict[str, Any]:
    supplier = await an_organisation(world.database, OrganisationKind.SUPPLIER)
    return {
        "organisationId": gid("Supplier", supplier),
        "name": f"{supplier.name} and more",
        "slug": f"supplier-{token_hex(4)}",
        "reason": REASON,
    }


async def to_move(world: World) -> dict[str, Any]:
    left, joined = [
        await an_organisation(world.database, OrganisationKind.SUPPLIER) for _ in range(2)
    ]
    moved = await somebody(world.database, left, Role.SUPPLIER_EDITOR)
    return {
        "email": moved.person.email,
        "fromId": gid("Supplier", left),
        "toId": gid("Supplier", joined),
        "reason": REASON,
    }


STAGES: dict[str, Stage] = {
    "saveSearch": to_save,
    "deleteSavedSearch": to_delete,
    "lockSearch": to_lock,
    "addOrganisation": to_add_an_organisation,
    "mergeOrganisation": to_merge,
    "changeOrganisation": to_rename,
    "movePerson": to_move,
    "addSynonyms": to_add,
    "changeSynonyms": on_synonyms(words=["lamp", "torch"]),
    "retireSynonyms": on_synonyms(reason=REASON),
}
