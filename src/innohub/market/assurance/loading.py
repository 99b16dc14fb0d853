"""An item on its way to a change: seen by the actor, locked."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound
from innohub.identity.actor import Actor
from innohub.identity.viewer import Viewer
from innohub.market.assurance import policy
from innohub.market.assurance.models import AssuranceItem
from innohub.market.catalogue.models import Technology


async def visible_item(
    work: UnitOfWork, actor: Actor, id: int, revision: int | None = None
) -> tuple[AssuranceItem, Technology]:
    """The item, locked until the end of the unit of work, with its technology.

    Raises NotFound where it is invisible, Conflict where it has changed since `revision`.
    """
    found = await work.session.execute(
        select(AssuranceItem, Technology)
        .join(Technology, Technology.id == AssuranceItem.technology_id)
        .where(AssuranceItem.id == id, policy.visible(AssuranceItem, Viewer(actor)))
        .with_for_update(of=AssuranceItem)
        .execution_options(populate_existing=True)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("This assurance item does not exist.")
    item, technology = row
    if revision is not None and revision != item.revision:
        raise Conflict("Somebody else changed this item since you opened it. Load it again.")
    return item, technology
