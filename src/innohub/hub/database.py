"""The write side as the whole hub needs it: what has to be stored with every change, hooked in."""

from sqlalchemy.ext.asyncio import AsyncEngine

from innohub.db.unit_of_work import Clock, Database, utc_now
from innohub.hub.delivery import fan_out
from innohub.market.pilots.listing_changes import tell_forces
from innohub.outbox import sealing


def database_of(engine: AsyncEngine, *, clock: Clock = utc_now) -> Database:
    """The write side with all that every commit needs: word to the forces whose pilots a published
    listing changes under, the deliveries of its events, and last what every writer waits for: the
    audit trail, and the events' places in the feed."""
    database = Database(engine, clock=clock)
    database.before_commit += [tell_forces, fan_out.expand, sealing.seal]
    return database
