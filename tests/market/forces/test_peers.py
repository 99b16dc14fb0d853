"""Which forces are alike, by a rule told again in plain Python."""

from itertools import permutations
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from innohub.identity.models import Organisation
from innohub.market.forces.models import ForceContext, ForceSize
from innohub.market.forces.peers import ForcePeer, like
from tests.market.catalogue.stage import Stage

SLUGS = ["kent", "essex", "durham", "dorset", "gwent", "norfolk"]


async def sheets(stage: Stage, seed: int) -> dict[str, tuple[Organisation, ForceContext | None]]:
    """A random sheet for most of a few forces."""
    chance, now = Random(seed), stage.database.clock()
    async with stage.database.session() as session, session.begin():
        query = select(Organisation).where(Organisation.slug.in_(SLUGS))
        found: dict[str, tuple[Organisation, ForceContext | None]] = {}
        for force in await session.scalars(query.order_by(Organisation.slug)):
            sheet = ForceContext(
                force_id=force.id,
                peer_group=chance.choice([None, "rural", "metropolitan", "capital"]),
                size=chance.choice([None, ForceSize.SMALL, ForceSize.LARGE]),
                rms_platform=chance.choice([None, "Ledger", "LEDGER", "Daybook"]),
                updated_at=now,
                created_at=now,
            )
            if chance.random() < 0.8:
                session.add(sheet)
            found[force.slug] = (force, sheet if sheet in session.new else None)
    return found


def shared(mine: Any, other: Any) -> dict[str, bool]:
    (force, my), (peer, their) = mine, other

    def both(name: str, fold: Any = str) -> bool:
        values = [getattr(sheet, name, None) for sheet in (my, their)]
        return None not in values and fold(values[0]) == fold(values[1])

    return {
        "same_peer_group": both("peer_group"),
        "same_records_system": both("rms_platform", lambda name: name.lower()),
        "same_size": both("size"),
        "same_region": force.region == peer.region,
    }


@pytest.mark.parametrize("seed", range(8))
async def test_peers_share_the_peer_group_or_two_of_the_others(stage: Stage, seed: int) -> None:
    found = await sheets(stage, seed)
    expected = {}
    for one, other in permutations(found.values(), 2):
        same = shared(one, other)
        others = sum(same[name] for name in same if name != "same_peer_group")
        if same["same_peer_group"] or others >= 2:
            expected[one[0].id, other[0].id] = same
    ids = [force.id for force, _ in found.values()]
    async with stage.database.session() as session:
        query = select(ForcePeer).where(ForcePeer.force_id.in_(ids), ForcePeer.peer_id.in_(ids))
        peers = list(await session.scalars(query))
    assert {(peer.force_id, peer.peer_id) for peer in peers} == expected.keys()
    for peer in peers:
        told = expected[peer.force_id, peer.peer_id]
        assert {name: getattr(peer, name) for name in told} == told


async def test_forces_without_sheets_have_no_peers(stage: Stage) -> None:
    async with stage.database.session() as session:
        assert not list(await session.scalars(select(ForcePeer)))


async def test_a_supplier_is_like_no_force(stage: Stage) -> None:
    await sheets(stage, 1)
    async with stage.database.session() as session:
        query = select(Organisation.id).where(like(stage.supplier.id, Organisation.id))
        assert not list(await session.scalars(query))
