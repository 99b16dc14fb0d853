"""Who sees what force and supplier do together: they, the advisers and those who oversee pilots,
as with the steps, which name people too; and who sees whom."""

from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select
from sqlalchemy.orm import aliased

from innohub.identity.models import Membership
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.pilots.policy import step_visible

visible = step_visible


def colleague_visible(person: Any, viewer: Viewer) -> ColumnElement[bool]:
    """People: oneself, and those who hold a role where the viewer works on pilots."""
    seat = aliased(Membership)
    shared = (
        select(literal_column("1"))
        .select_from(seat)
        .where(
            seat.person_id == person.id,
            viewer.among(seat.organisation_id, Permission.PILOT_COLLABORATE),
        )
        .correlate_except(seat)
        .exists()
    )
    return and_(person.active, or_(viewer.is_person(person.id), shared))
