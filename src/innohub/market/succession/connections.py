"""Connections that change hands: their names are told apart, and what they are known by stays.

Tables of the hub, a layer above, by their names.
"""

from sqlalchemy import column, func, select, table, update

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Organisation

_CONNECTION = table(
    "connection", *(column(name) for name in ("id", "organisation_id", "name", "made_for_id"))
)
_DELIVERY = table("delivery", *(column(name) for name in ("id", "organisation_id", "state")))
SENDING, WAITING = "sending", ("queued", "sending", "retrying")


async def count_waiting(work: UnitOfWork, organisation_id: int) -> int:
    """How many events are on their way to an organisation's systems."""
    waiting = select(func.count()).where(
        _DELIVERY.c.organisation_id == organisation_id, _DELIVERY.c.state.in_(WAITING)
    )
    return await work.session.scalar(waiting) or 0


async def keep_connections_apart(
    work: UnitOfWork, ending: Organisation, successor: Organisation
) -> None:
    """A name that the successor has as well says whose connection it was; for whom each was made
    is kept, by which its records and secrets are known. What is being sent is waited for."""
    sending = select(_DELIVERY.c.id).where(
        _DELIVERY.c.organisation_id == ending.id, _DELIVERY.c.state == SENDING
    )
    await work.session.execute(sending.order_by(_DELIVERY.c.id).with_for_update())
    theirs = _CONNECTION.c.organisation_id == ending.id
    there = _CONNECTION.alias("there")
    taken = select(there.c.name).where(there.c.organisation_id == successor.id)
    await work.session.execute(
        update(_CONNECTION)
        .where(theirs, _CONNECTION.c.name.in_(taken))
        .values(name=func.concat(_CONNECTION.c.name, f" ({ending.name})"))
    )
    await work.session.execute(
        update(_CONNECTION)
        .where(theirs)
        .values(made_for_id=func.coalesce(_CONNECTION.c.made_for_id, ending.id))
    )
