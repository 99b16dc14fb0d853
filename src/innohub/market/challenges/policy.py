"""Who sees what of challenges. Constants are written into the SQL, so that only ids are parameters.

A challenge is its owner's until it is opened to the other forces, and public from its publication.
A response is its supplier's and the sponsors'; from the deadline on the board reads it, too.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal_column, or_, select
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.challenges.models import FROZEN, Challenge, ChallengeForce
from innohub.market.constants import in_states

ONE: ColumnElement[int] = literal_column("1")


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Challenges: the published ones for all, those opened to forces for readers of the register,
    and the owner's own."""
    seen = [row.published_at.is_not(None), viewer.among(row.force_id, Permission.CHALLENGE_READ)]
    if viewer.holds(Permission.REGISTER_READ):
        seen.append(row.invited_at.is_not(None))
    return or_(*seen)


def follows(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rows with a `challenge_id`, where that challenge is visible."""
    challenge = aliased(Challenge)
    return _of(row, challenge, visible(challenge, viewer))


question_visible = follows


def force_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Co-sponsors follow their challenge; who was invited and has not joined is for readers of the
    register."""
    if viewer.holds(Permission.REGISTER_READ):
        return follows(row, viewer)
    return and_(row.joined_at.is_not(None), follows(row, viewer))


def merger_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Proposals to merge: for readers of the register, once both challenges are open to them."""
    if not viewer.holds(Permission.REGISTER_READ):
        return false()
    into = aliased(Challenge)
    other = (
        select(ONE)
        .select_from(into)
        .where(into.id == row.into_id, visible(into, viewer))
        .correlate_except(into)
        .exists()
    )
    return and_(follows(row, viewer), other)


def response_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Responses: the supplier's own; those that stand for the sponsors; and for the board from the
    deadline on."""
    own = viewer.among(row.supplier_id, Permission.CHALLENGE_READ)
    challenge = aliased(Challenge)
    readers = sponsoring(challenge, viewer, Permission.CHALLENGE_READ)
    if viewer.holds(Permission.ROUND_READ):
        readers = or_(readers, in_states(challenge.state, FROZEN))
    return or_(own, and_(row.withdrawn_at.is_(None), _of(row, challenge, readers)))


def sponsoring(row: Any, viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Challenges that a force owns or co-sponsors in which the viewer holds the permission."""
    if not viewer.holds(permission):
        return false()
    joined = aliased(ChallengeForce)
    among = (
        select(ONE)
        .select_from(joined)
        .where(
            joined.challenge_id == row.id,
            joined.joined_at.is_not(None),
            viewer.among(joined.force_id, permission),
        )
        .correlate_except(joined)
        .exists()
    )
    return or_(viewer.among(row.force_id, permission), among)


def _of(row: Any, challenge: Any, rule: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(ONE)
        .select_from(challenge)
        .where(challenge.id == row.challenge_id, rule)
        .correlate_except(challenge)
        .exists()
    )
