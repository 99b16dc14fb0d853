"""One connection of a supplier: found for somebody who may manage it, and set going."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound
from innohub.hub import policy
from innohub.hub.access.authorisation import Credential
from innohub.hub.connectors.grants import AuthorizationCode, Grant
from innohub.hub.connectors.templates import config_values, render
from innohub.hub.models import CONNECTION, SENDING, Connection, Lane
from innohub.identity.actor import Actor
from innohub.identity.models import Role
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify

CHANGED = "The settings changed: let the hub in anew."


async def own_connection(work: UnitOfWork, actor: Actor, connection_id: int) -> Connection:
    """One of the actor's supplier, locked. Raises NotFound, Denied."""
    found = select(Connection).where(
        Connection.id == connection_id, policy.visible(Connection, Viewer(actor))
    )
    # Not the key: deliveries that line up meanwhile refer to this row and need not wait.
    connection = (await work.session.scalars(found.with_for_update(key_share=True))).one_or_none()
    if connection is None:
        raise NotFound("There is no such connection.", field="connection_id")
    actor.require(Permission.CONNECTION_MANAGE, connection.organisation_id)
    return connection


async def set_going(work: UnitOfWork, connection: Connection) -> None:
    """Nothing that went wrong before holds it back: what waits is sent at once."""
    connection.state_reason = None
    connection.paused_until = None
    connection.consecutive_failures = 0
    connection.failing_since = None
    connection.warned_percent = None
    await work.session.flush()
    await _run(
        work.session,
        update(Credential).where(Credential.connection_id == connection.id).values(retry_at=None),
    )
    waiting = update(Lane).where(Lane.connection_id == connection.id, Lane.owner.is_(None))
    await _run(work.session, waiting.where(Lane.pending > 0).values(next_at=work.now))


def consent_outlives(
    grant: Grant | None, before: Mapping[str, str], after: Mapping[str, str]
) -> bool:
    """Whether what a person consented to is asked in the same words after a change of settings."""
    if not isinstance(grant, AuthorizationCode):
        return False
    asked = grant.model_dump()
    return bool(render(asked, config_values(before)) == render(asked, config_values(after)))


def ask_anew(grant: Grant | None, connection: Connection) -> None:
    """Where consent is void, the connection waits for it: events line up meanwhile."""
    if isinstance(grant, AuthorizationCode) and connection.state in SENDING:
        connection.state = CONNECTION.after("expire_authorisation", connection.state)
        connection.state_reason = CHANGED


async def tell_of_expiry(work: UnitOfWork, connection: Connection) -> None:
    """Tell the supplier's administrators, once for each time, that only they can mend it."""
    await work.session.flush()
    await notify(
        work,
        kind=NoticeKind.CONNECTION,
        organisation_id=connection.organisation_id,
        roles=[Role.SUPPLIER_ADMIN],
        text=f"{connection.name} no longer lets the hub in, and its events wait. "
        "See why, and connect it anew.",
        path=f"/integrations/{connection.id}",
        key=f"connection/{connection.id}/authorisation/{connection.revision}",
    )


async def _run(session: AsyncSession, statement: Any) -> None:
    await session.execute(statement.execution_options(synchronize_session=False))
