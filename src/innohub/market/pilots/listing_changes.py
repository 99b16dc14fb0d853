"""Forces that pilot a technology hear when its listing changes under them."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Role
from innohub.market.catalogue.events import ListingPublished
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.catalogue.parts import LABELS
from innohub.market.pilots.models import NEVER_RAN, Pilot, PilotState
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify

OVER = {*NEVER_RAN, PilotState.STOPPED, PilotState.PUBLISHED}
TOLD = (
    Role.FORCE_INNOVATION_LEAD,
    Role.FORCE_ANALYST,
    Role.FORCE_SENIOR_RESPONSIBLE_OWNER,
)


async def tell_forces(work: UnitOfWork) -> None:
    """Before a commit: for each version that is published in it, tell the forces whose pilots
    pinned an older one what changed."""
    for event in list(work.events):
        if event.type == ListingPublished.type:
            await _tell(work, event.payload["technology_id"], event.payload["version"])


async def _tell(work: UnitOfWork, technology_id: int, number: int) -> None:
    pinned, newer = aliased(ListingVersion), aliased(ListingVersion)
    rows = await work.session.execute(
        select(Pilot.id, Pilot.force_id, Pilot.title, newer.id, newer.changed, Technology.name)
        .join(pinned, pinned.id == Pilot.listing_version_id)
        .join(newer, newer.technology_id == Pilot.technology_id)
        .join(Technology, Technology.id == Pilot.technology_id)
        .where(
            Pilot.technology_id == technology_id,
            Pilot.force_id.is_not(None),
            Pilot.state.not_in(OVER),
            pinned.number < number,
            newer.number == number,
        )
        .order_by(Pilot.id)
    )
    for pilot_id, force_id, title, version_id, changed, name in rows.all():
        assert force_id is not None
        parts = ", ".join(LABELS[part].lower() for part in changed)
        await notify(
            work,
            kind=NoticeKind.PILOT,
            organisation_id=force_id,
            roles=TOLD,
            text=f"{name} changed since your pilot “{title}” pinned it: {parts}.",
            path=f"/pilots/{pilot_id}#version",
            key=f"listing-version/{version_id}/pilot/{pilot_id}",
        )
