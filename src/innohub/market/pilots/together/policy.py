"""Who sees what forces and supplier do together: they, the advisers and those who oversee pilots,
as with the steps, which name people too; and who sees whom."""

from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select
from sqlalchemy.orm import aliased

from innohub.identity.models import Membership
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.documents import policy as documents
from innohub.market.pilots.policy import step_visible, told_until_left

visible = step_visible
message_visible = told_until_left


def document_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Documents of pilots: as what its parties do, and one's own, which a force that left takes
    back; what the scan did not release, for whoever adds documents in the organisation whose it
    is."""
    released = documents.released(row, viewer, Permission.PILOT_FILE)
    own = viewer.among(row.organisation_id, Permission.PILOT_FILE)
    return and_(row.pilot_id.is_not(None), released, or_(visible(row, viewer), own))


def colleague_visible(person: Any, viewer: Viewer) -> ColumnElement[bool]:
    """People: oneself, and those who hold a role where the viewer works on pilots or plans rounds
    of the board."""
    seat = aliased(Membership)
    shared = (
        select(literal_column("1"))
        .select_from(seat)
        .where(
            seat.person_id == person.id,
            or_(
                viewer.among(seat.organisation_id, Permission.PILOT_COLLABORATE),
                viewer.among(seat.organisation_id, Permission.ROUND_RUN),
                viewer.among(seat.organisation_id, Permission.ROUND_CHAIR),
            ),
        )
        .correlate_except(seat)
        .exists()
    )
    return and_(person.active, or_(viewer.is_person(person.id), shared))
