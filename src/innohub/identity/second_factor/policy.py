"""People see how they themselves sign in, and nobody else does."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, select
from sqlalchemy.orm import aliased

from innohub.identity.models import Membership, Organisation
from innohub.identity.second_factor.models import AuthenticatorApp, RecoveryCode
from innohub.identity.viewer import Viewer


def own_account(person: Any, viewer: Viewer) -> ColumnElement[bool]:
    return viewer.is_person(person.id)


def own_passkey(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    return viewer.is_person(row.person_id)


def own_session(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Of the viewer's own; one that has ended tells nothing more."""
    return and_(viewer.is_person(row.person_id), row.ended_at.is_(None))


def has_app(person: Any) -> ColumnElement[bool]:
    """Whether the person of a row has confirmed an authenticator app."""
    app = aliased(AuthenticatorApp)
    return (
        select(literal_column("1"))
        .select_from(app)
        .where(app.person_id == person.id, app.confirmed_at.is_not(None))
        .correlate_except(app)
        .exists()
    )


def has_password(person: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = person.password_hash.is_not(None)
    return found


def may_have_password(person: Any) -> ColumnElement[bool]:
    """Whether no organisation of the person's signs its people in itself: see
    `providers.choosing.require_own_means_allowed`."""
    membership, organisation = aliased(Membership), aliased(Organisation)
    forbids = (
        select(literal_column("1"))
        .select_from(membership)
        .join(organisation, organisation.id == membership.organisation_id)
        .where(membership.person_id == person.id, organisation.passwords_allowed.is_(False))
        .correlate_except(membership, organisation)
        .exists()
    )
    return ~forbids


def codes_left(person: Any) -> ColumnElement[int]:
    """How many recovery codes of the person of a row still count."""
    code = aliased(RecoveryCode)
    return (
        select(func.count())
        .select_from(code)
        .where(code.person_id == person.id, code.used_at.is_(None))
        .correlate_except(code)
        .scalar_subquery()
    )
