"""An upload in the hands of somebody who may see it."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.viewer import Viewer
from innohub.market.evidence.observing import policy
from innohub.market.evidence.observing.models import TrialUpload


async def held_upload(work: UnitOfWork, actor: Actor, upload_id: int) -> TrialUpload:
    """The upload, locked. Raises NotFound where the actor may not see it."""
    found = await work.session.scalars(
        select(TrialUpload)
        .where(TrialUpload.id == upload_id, policy.visible(TrialUpload, Viewer(actor)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    upload = found.one_or_none()
    if upload is None:
        raise NotFound("There is no such upload.")
    return upload
