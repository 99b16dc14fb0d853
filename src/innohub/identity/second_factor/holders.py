"""Whose second factors they are, and who may change them."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.models import Person
from innohub.identity.second_factor.models import AuthenticatorApp, Passkey, RecoveryCode


async def holder(work: UnitOfWork, actor: Actor) -> Person:
    """The person behind the actor, locked: two changes at once take turns.

    Raises NotSignedIn, and Denied to whoever does not sit at a browser themselves.
    """
    if not actor.signed_in:
        raise NotSignedIn("Sign in to see how you sign in.")
    if actor.person_id is None or actor.proved is None:
        raise Denied("Only people themselves change how they sign in.")
    found = select(Person).where(Person.id == actor.person_id).with_for_update()
    return (await work.session.scalars(found)).one()


async def holds_second_factor(session: AsyncSession, person_id: int) -> bool:
    app = select(AuthenticatorApp.id).where(
        AuthenticatorApp.person_id == person_id, AuthenticatorApp.confirmed_at.is_not(None)
    )
    passkey = select(Passkey.id).where(Passkey.person_id == person_id)
    return bool(await session.scalar(select(app.exists() | passkey.exists())))


async def has_app(session: AsyncSession, person_id: int) -> bool:
    """Whether the person has confirmed an authenticator app."""
    found = select(AuthenticatorApp.id).where(
        AuthenticatorApp.person_id == person_id, AuthenticatorApp.confirmed_at.is_not(None)
    )
    return await session.scalar(found) is not None


async def codes_left(session: AsyncSession, person_id: int) -> int:
    """How many recovery codes of the person still count."""
    left = select(func.count()).where(
        RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
    )
    return await session.scalar(left) or 0
