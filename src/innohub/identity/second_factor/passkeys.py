"""Passkeys: key pairs of people's own devices (WebAuthn), bound to this hub's name by the browser.

No page of another name can ask for one, so none can be phished. The device asks its owner for a
finger, a face or a number (user verification), so that a passkey is two factors in one.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Person
from innohub.identity.second_factor.challenges import Purpose, redeem
from innohub.identity.second_factor.commands import AddPasskey, RemovePasskey
from innohub.identity.second_factor.holders import holder
from innohub.identity.second_factor.models import Passkey
from innohub.identity.step_up import require_recent_proof
from innohub.outbox.service import record

MOST = 10
"""Passkeys of one person."""
REFUSED = "This passkey did not work. Load the page again, then try once more."


@dataclass(frozen=True)
class RelyingParty:
    """What the hub is to browsers: its name and its origin."""

    id: str
    origin: str
    key: str
    """Seals challenges."""

    @classmethod
    def of(cls, base_url: str, key: str) -> "RelyingParty":
        parts = urlsplit(base_url)
        return cls((parts.hostname or "").lower(), f"{parts.scheme}://{parts.netloc}", key)

    @property
    def possible(self) -> bool:
        """Browsers make no passkeys for a bare address."""
        try:
            ip_address(self.id)
        except ValueError:
            return True
        return False

    def __repr__(self) -> str:
        return f"<RelyingParty {self.origin}>"


def options_to_add(party: RelyingParty, person: Person, held: list[str], challenge: str) -> str:
    """What the browser is asked, as JSON; `held` are the credentials that there are already."""
    return options_to_json(
        webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name="InnoHub",
            user_name=person.email,
            user_display_name=person.name,
            user_id=f"person/{person.id}".encode(),
            challenge=base64url_to_bytes(challenge),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_described(held),
        )
    )


def options_to_show(party: RelyingParty, held: list[str], challenge: str) -> str:
    """The same for showing one; with none named, the browser offers those that it knows."""
    return options_to_json(
        webauthn.generate_authentication_options(
            rp_id=party.id,
            challenge=base64url_to_bytes(challenge),
            allow_credentials=_described(held),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


async def held_by(session: AsyncSession, person_id: int) -> list[str]:
    """The credential ids of a person's passkeys."""
    mine = select(Passkey.credential_id).where(Passkey.person_id == person_id).order_by(Passkey.id)
    return list(await session.scalars(mine))


async def add(
    work: UnitOfWork, actor: Actor, command: AddPasskey, *, party: RelyingParty, browser: str
) -> Passkey:
    """Raises NotSignedIn, Denied, StepUpRequired; Invalid for an answer to another challenge or
    from another page; Conflict where the passkey is known or there are too many."""
    person = await holder(work, actor)
    require_recent_proof(actor, work.now)
    if len(await held_by(work.session, person.id)) >= MOST:
        raise Conflict(f"You have {MOST} passkeys. Remove one first.")
    challenge = await redeem(
        work.session, command.challenge, party.key, Purpose.ADD, browser, work.now
    )
    if challenge is None:
        raise Invalid(REFUSED)
    try:
        made = webauthn.verify_registration_response(
            credential=command.credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Invalid(REFUSED) from error
    passkey = Passkey(
        person_id=person.id,
        name=command.name,
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        last_used_at=None,
        created_at=work.now,
    )
    work.session.add(passkey)
    await record(work, "passkey:add", passkey, detail={"person_id": person.id})
    return passkey


async def remove(work: UnitOfWork, actor: Actor, command: RemovePasskey) -> Person:
    """Raises NotSignedIn, Denied, StepUpRequired, NotFound for a passkey that is not one's own."""
    person = await holder(work, actor)
    require_recent_proof(actor, work.now)
    gone = await work.session.execute(
        delete(Passkey)
        .where(Passkey.id == command.passkey_id, Passkey.person_id == person.id)
        .returning(Passkey.id)
    )
    if gone.first() is None:
        raise NotFound("There is no such passkey.")
    await record(work, "passkey:remove", person, detail={"passkey_id": command.passkey_id})
    return person


async def owner_of(session: AsyncSession, credential: str) -> int | None:
    """Whose passkey the browser's answer names; proves nothing yet."""
    found = select(Passkey.person_id).where(Passkey.credential_id == _named(credential))
    return await session.scalar(found)


async def accept(
    session: AsyncSession,
    person_id: int,
    credential: str,
    challenge: bytes,
    *,
    party: RelyingParty,
    now: datetime,
) -> bool:
    """Whether the browser's answer is one of the person's passkeys over `challenge`."""
    mine = (
        select(Passkey)
        .where(Passkey.person_id == person_id, Passkey.credential_id == _named(credential))
        .with_for_update()
    )
    passkey = await session.scalar(mine)
    if passkey is None:
        return False
    try:
        shown = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError):
        return False
    await session.execute(
        update(Passkey)
        .where(Passkey.id == passkey.id)
        .values(sign_count=shown.new_sign_count, last_used_at=now)
    )
    return True


def _named(credential: str) -> str:
    """The credential id that an answer names; nothing where it names none."""
    try:
        answer: Any = json.loads(credential)
    except (ValueError, RecursionError):
        return ""
    id = answer.get("id") if isinstance(answer, dict) else None
    return id if isinstance(id, str) and "\0" not in id and id.isascii() else ""


def _described(held: list[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in held]
