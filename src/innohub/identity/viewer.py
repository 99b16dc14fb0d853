"""The part of an actor that decides what may be read, as SQL.

A policy predicate has the same text for every viewer of one shape; only the ids differ, and they
are bound parameters named `viewer_…`. So a statement is planned once and shared.
"""

from collections.abc import Mapping
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
        return organisation_id == any_(
            bindparam(
                _parameter(permission),
                self.actor.with_permission(permission),
                type_=ARRAY(BigInteger),
            )
        )

    def is_person(self, person_id: Any) -> ColumnElement[bool]:
        """Rows of the viewer in person."""
        if self.actor.person_id is None:
            return false()
        return person_id == bindparam("viewer_person", self.actor.person_id, type_=BigInteger)

    def parameters(self) -> Mapping[str, Any]:
        """The value of every parameter a policy predicate may name."""
        values: dict[str, Any] = {
            _parameter(permission): self.actor.with_permission(permission)
            for permission in self.shape[0]
        }
        values["viewer_person"] = self.actor.person_id
        return values


def _parameter(permission: Permission) -> str:
    return f"viewer_{permission.name.lower()}"
