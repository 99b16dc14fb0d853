"""Who sees which parts of the directory."""

from typing import Any

from sqlalchemy import ColumnElement, and_

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer


def visible_client(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """API clients are seen by those who manage them in their organisation."""
    return viewer.among(row.organisation_id, Permission.CLIENT_MANAGE)


def own_consent(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """What somebody allowed a program is theirs to see; a code that was never used is nothing."""
    alive = and_(row.redeemed_at.is_not(None), row.revoked_at.is_(None))
    return and_(viewer.is_person(row.person_id), alive)


def own_feed(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """A calendar address is its owner's."""
    return viewer.is_person(row.person_id)
