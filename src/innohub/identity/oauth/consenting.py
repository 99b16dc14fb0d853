"""A person lets a client act for them, and takes that back."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound, NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.commands import EndConsent
from innohub.identity.models import ClientProof, Membership, Organisation
from innohub.identity.oauth import families
from innohub.identity.oauth.authorising import Asked
from innohub.identity.oauth.models import OAuthGrant, PushedRequest
from innohub.identity.tokens import fingerprint
from innohub.outbox.service import record


async def organisation_of(session: AsyncSession, asked: Asked) -> Organisation:
    return await session.get_one(Organisation, asked.client.row.organisation_id)


async def require_may_use(session: AsyncSession, actor: Actor, asked: Asked) -> None:
    """Raise NotSignedIn for a stranger or a program; Denied for people of another organisation:
    whoever registered a client answers for what it does with what its people may see."""
    if actor.person_id is None:
        raise NotSignedIn("Sign in to go on.")
    theirs = exists().where(
        Membership.person_id == actor.person_id,
        Membership.organisation_id == asked.client.row.organisation_id,
    )
    if not await session.scalar(select(theirs)):
        raise Denied("Only people of the organisation that registered this program may use it.")


async def was_allowed(session: AsyncSession, actor: Actor, asked: Asked, now: datetime) -> bool:
    """Whether the person let this client do all this before. A public client proves nothing about
    itself, so a person is asked each time (RFC 8252 8.6)."""
    if asked.client.row.proof is ClientProof.NONE:
        return False
    held = await session.scalars(
        select(OAuthGrant.scope).where(
            OAuthGrant.person_id == actor.person_id,
            OAuthGrant.oauth_client_id == asked.client.row.id,
            OAuthGrant.redeemed_at.is_not(None),
            OAuthGrant.revoked_at.is_(None),
            OAuthGrant.ends_at > now,
        )
    )
    return any(set(asked.scope.split()) <= set(scope.split()) for scope in held)


async def allow(work: UnitOfWork, actor: Actor, asked: Asked) -> str:
    """The code to send back. Raises NotSignedIn, Denied, Conflict for a request that was handed
    over beforehand and is answered already."""
    await require_may_use(work.session, actor, asked)
    await _answer_once(work, asked)
    assert actor.person_id is not None
    assert actor.proved is not None
    code = families.new_code()
    grant = OAuthGrant(
        person_id=actor.person_id,
        oauth_client_id=asked.client.row.id,
        handle=token_urlsafe(16),
        scope=asked.scope,
        nonce=asked.nonce,
        signed_in_at=actor.proved.at,
        methods=sorted(actor.proved.methods),
        redirect_uri=asked.back.redirect_uri,
        code_hash=fingerprint(code),
        code_challenge=asked.code_challenge,
        key_thumbprint=asked.key_thumbprint,
        code_ends_at=work.now + families.CODE_LIVES,
        redeemed_at=None,
        refresh_family=families.new_family(),
        refresh_hash=None,
        refreshed_at=None,
        ends_at=work.now + families.GRANT_LIVES,
        revoked_at=None,
        created_at=work.now,
    )
    work.session.add(grant)
    detail = {"client_id": asked.client.row.client_id, "scope": asked.scope}
    await record(work, "grant:allow", grant, detail=detail)
    return code


async def end(work: UnitOfWork, actor: Actor, command: EndConsent) -> OAuthGrant:
    """End all tokens that grew from a consent of the actor's own. Raises NotSignedIn, Denied to a
    program, NotFound for another's and for one that has ended."""
    if not actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    if actor.person_id is None:
        raise Denied("Only people end what they allowed.")
    own = select(OAuthGrant).where(
        OAuthGrant.id == command.consent_id,
        OAuthGrant.person_id == actor.person_id,
        OAuthGrant.revoked_at.is_(None),
    )
    grant = await work.session.scalar(own.with_for_update())
    if grant is None:
        raise NotFound("There is no such program, or it acts for you no more.")
    grant.revoked_at = work.now
    await record(work, "grant:end", grant)
    return grant


async def _answer_once(work: UnitOfWork, asked: Asked) -> None:
    if asked.pushed_id is None:
        return
    answered = (
        update(PushedRequest)
        .where(PushedRequest.id == asked.pushed_id, PushedRequest.used_at.is_(None))
        .values(used_at=work.now)
        .returning(PushedRequest.id)
    )
    if (await work.session.execute(answered)).first() is None:
        raise Conflict("This request was answered already. Start again in the program.")


def recent_enough(asked: Asked, proved_at: datetime, now: datetime, asked_at: datetime) -> bool:
    """Whether the person proved who they are as lately as the client wants. `asked_at`: when this
    request came to us first."""
    if asked.prompts & {"login", "select_account"} and proved_at < asked_at:
        return False
    return asked.max_age is None or now - proved_at <= timedelta(seconds=asked.max_age)
