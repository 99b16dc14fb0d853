"""What would become of two organisations as one, before anybody says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import InnoHubError, NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.pilots.service import suppliers_overdue
from innohub.market.succession.belongings import BELONGINGS
from innohub.market.succession.checking import require_ready, require_two
from innohub.market.succession.commands import PreviewMerger
from innohub.market.succession.connections import count_waiting
from innohub.market.succession.people import count_people


@dataclass(frozen=True)
class Moves:
    """So many of what goes over."""

    what: str
    count: int


@dataclass(frozen=True)
class Preview:
    moves: Sequence[Moves]
    obstacle: InnoHubError | None
    """Why it would be refused; None where it would not."""


async def preview_merger(work: UnitOfWork, actor: Actor, command: PreviewMerger) -> Preview:
    """What would go over, and what is in the way. Changes nothing.

    Raises NotSignedIn, Denied without `organisation:manage`, NotFound.
    """
    actor.require(Permission.ORGANISATION_MANAGE)
    ending = await work.session.get(Organisation, command.organisation_id)
    successor = await work.session.get(Organisation, command.successor_id)
    if ending is None or successor is None:
        raise NotFound("This organisation does not exist.")
    moves = [Moves("people, with their roles", await count_people(work, ending.id))]
    if ending.kind == OrganisationKind.SUPPLIER:
        moves += await _of_supplier(work, ending.id, successor.id)
    return Preview([one for one in moves if one.count], await _obstacle(work, ending, successor))


async def _of_supplier(work: UnitOfWork, ending_id: int, successor_id: int) -> list[Moves]:
    counted = [
        Moves(one.words, await work.session.scalar(one.count(ending_id, successor_id)) or 0)
        for one in BELONGINGS
        if one.words
    ]
    owed = len(await suppliers_overdue(work, [ending_id]))
    return [
        *counted,
        Moves("events on their way to its systems", await count_waiting(work, ending_id)),
        Moves("block for results that are overdue and unexplained", owed),
    ]


async def _obstacle(
    work: UnitOfWork, ending: Organisation, successor: Organisation
) -> InnoHubError | None:
    try:
        require_two(ending, successor)
        await require_ready(work, ending, successor)
    except InnoHubError as error:
        return error
    return None
