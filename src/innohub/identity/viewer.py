"""The part of an actor that decides what may be read, as SQL.

A policy predicate has the same text for every viewer of one shape; only the ids differ, and they
are bound parameters named `viewer_…`. So a statement is planned once and shared.
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, false
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import any_

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission

Shape = tuple[frozenset[Permission], bool]


class Viewer:
    """Reads with an actor's eyes."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        held = frozenset(permission for seat in actor.seats for permission in seat.permissions)
        self.shape: Shape = (held, actor.person_id is not None)
        """Equal for viewers who may share a plan."""

    def holds(self, permission: Permission) -> bool:
        """Whether the viewer holds the permission anywhere; part of the shape."""
        return permission in self.shape[0]

    def among(self, organisation_id: Any, permission: Permission) -> ColumnElement[bool]:
        """Rows whose organisation is one in which the viewer holds the permission."""
        if not self.holds(permission):
            return false()
        theirs: ColumnElement[bool] = organisation_id == any_(
            bindparam(
                _parameter(permission),
                self.actor.with_permission(permission),
                type_=ARRAY(BigInteger),
            )
        )
        return theirs

    def is_person(self, person_id: Any) -> ColumnElement[bool]:
        """Rows of the viewer in person."""
        if self.actor.person_id is None:
            return false()
        own: ColumnElement[bool] = person_id == bindparam(
            PERSON, self.actor.person_id, type_=BigInteger
        )
        return own

    def value(self, parameter: str) -> Any:
        """What a `viewer_…` parameter of a shared statement stands for with this viewer."""
        if parameter == PERSON:
            return self.actor.person_id
        return self.actor.with_permission(_PERMISSIONS[parameter])


PERSON = "viewer_person"


def _parameter(permission: Permission) -> str:
    return f"viewer_{permission.name.lower()}"


_PERMISSIONS = {_parameter(permission): permission for permission in Permission}
