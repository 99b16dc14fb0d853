"""Who sees which decisions: whoever may take them in that force, and whoever they were passed on
to, for as long as that counts. Constants are written into the SQL, so that only ids are parameters.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal_column, or_, select
from sqlalchemy.orm import aliased

from innohub.identity.models import Membership, Person
from innohub.identity.permissions import OF_ROLE, Permission
from innohub.identity.viewer import Viewer
from innohub.market.constants import said
from innohub.market.decisions.models import DecisionDelegation
from innohub.market.decisions.sources import SOURCES
from innohub.market.london import today_in_london

ONE: ColumnElement[int] = literal_column("1")


def visible(row: Any, viewer: Viewer, today: Any = None) -> ColumnElement[bool]:
    """Decisions that wait on the day `today`, in London by default."""
    today = today_in_london() if today is None else today
    still = or_(row.closes_on.is_(None), row.closes_on >= today)
    return and_(still, or_(takes(row, viewer), _passed_on(row, viewer, today)))


def takes(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Decisions that the viewer may take by a role of their own."""
    if not viewer.holds(Permission.DECISION_TAKE):
        return false()
    of_kinds = [
        and_(_of(row, permission), viewer.among(row.force_id, permission))
        for permission in _permissions()
        if viewer.holds(permission)
    ]
    return and_(viewer.among(row.force_id, Permission.DECISION_TAKE), or_(false(), *of_kinds))


def delegation_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Delegations: for who passed a decision on, to whom, and their force's leadership."""
    return or_(
        viewer.is_person(row.by_id),
        viewer.is_person(row.person_id),
        viewer.among(row.force_id, Permission.DECISION_TAKE),
    )


def counts(delegation: Any, today: Any) -> ColumnElement[bool]:
    """Delegations that were neither used nor ended, and whose last day has not passed."""
    return and_(
        delegation.acted_at.is_(None), delegation.ended_at.is_(None), delegation.until >= today
    )


def _passed_on(row: Any, viewer: Viewer, today: Any) -> ColumnElement[bool]:
    if viewer.actor.person_id is None or not viewer.holds(Permission.REGISTER_READ):
        return false()
    delegation = aliased(DecisionDelegation)
    passed = (
        select(ONE)
        .select_from(delegation)
        .where(
            delegation.decision_id == row.id,
            viewer.is_person(delegation.person_id),
            counts(delegation, today),
            _still_theirs(row, delegation),
        )
        .correlate_except(delegation)
        .exists()
    )
    # Somebody who left the force decides nothing there.
    return and_(viewer.among(row.force_id, Permission.REGISTER_READ), passed)


def _still_theirs(row: Any, delegation: Any) -> ColumnElement[bool]:
    """Nobody passes on more than they hold now themselves."""
    seat, person = aliased(Membership), aliased(Person)
    of_kinds = [
        and_(_of(row, permission), seat.role.in_([said(role) for role in _holders(permission)]))
        for permission in _permissions()
    ]
    return (
        select(ONE)
        .select_from(seat)
        .join(person, person.id == seat.person_id)
        .where(
            seat.person_id == delegation.by_id,
            seat.organisation_id == row.force_id,
            person.active,
            or_(*of_kinds),
        )
        .correlate_except(seat, person)
        .exists()
    )


def _permissions() -> list[Permission]:
    return sorted({source.permission for source in SOURCES.values()})


def _of(row: Any, permission: Permission) -> ColumnElement[bool]:
    kinds = [said(kind) for kind, source in SOURCES.items() if source.permission is permission]
    found: ColumnElement[bool] = row.kind.in_(kinds)
    return found


def _holders(permission: Permission) -> list[str]:
    """Roles that take decisions which need the permission."""
    both = {permission, Permission.DECISION_TAKE}
    return sorted(role for role, held in OF_ROLE.items() if both <= held)
