"""The meter of a pooled demand room moves by both transports, for whoever may see the room."""

from innohub.db import identifiers
from tests.graphql.live.stage import Stage, following
from tests.graphql.live.test_sse import stream
from tests.market.demand.stage import a_pool_stage

METER = """subscription ($id: ID!) {
  pool(id: $id) { state countedQuantity offers { unitsToNext } commitments { quantity } }
}"""


async def test_each_commitment_moves_the_meter_by_websocket_and_by_server_sent_events(
    stage: Stage,
) -> None:
    room = await a_pool_stage(stage.elsewhere)
    pool, _ = await room.committing(await room.published())
    id = identifiers.encode("Pool", pool.id)
    async with stage.socket() as socket, stream(stage, METER, None, id=id) as events:
        await socket.subscribe("1", METER, id=id)
        await following(stage, 2)
        counted = 0
        for buyer, quantity, strength, moves in [
            ("kent_buyer", 400, "binding", True),
            ("essex_buyer", 900, "conditional_on_pilot", False),
            ("essex_buyer", 350, "budget_approved", True),
        ]:
            await room.commit(buyer, pool, quantity, strength)
            counted += quantity if moves else 0
            by_socket = (await socket.next("1"))["pool"]
            name, body = await events.event()
            assert (name, body["data"]["pool"]) == ("next", by_socket)
            assert by_socket["countedQuantity"] == counted
            # Strangers follow the sums, and read of no force what it commits to.
            assert by_socket["commitments"] == by_socket["offers"] == []
        await socket.hears_nothing()


async def test_a_pool_that_may_not_be_seen_yet_is_one_that_does_not_exist(stage: Stage) -> None:
    room = await a_pool_stage(stage.elsewhere)
    pool = await room.opened(await room.published())
    async with stage.socket() as socket:
        await socket.subscribe("1", METER, id=identifiers.encode("Pool", pool.id))
        heard = await socket.hears()
        assert heard["payload"][0]["extensions"]["code"] == "not_found"
