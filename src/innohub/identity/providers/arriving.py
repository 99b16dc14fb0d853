"""Somebody whom a provider signed in: known already, or known from now on.

Roles that come from groups follow the groups at every sign-in; roles that the hub's people gave
stay as they are.
"""

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity import sessions
from innohub.identity.models import Membership, Person, Role, has_email
from innohub.identity.proved import Method
from innohub.identity.providers.errors import NotSignedInThere
from innohub.identity.providers.models import (
    IdentityProvider,
    ProviderDomain,
    ProviderGroup,
    ProviderSubject,
)
from innohub.identity.providers.tokens import Told
from innohub.identity.sessions import OpenSession
from innohub.identity.sign_in import Browser
from innohub.outbox.service import record

log = structlog.get_logger(__name__)

NO_PART = (
    "Your organisation signed you in, but gives you no part here. Ask the people who run its "
    "sign-in to add you to a group."
)
NOT_YOURS = (
    "Your organisation signed you in under an e-mail address that is not of one of its own domains."
)


async def arrive(
    work: UnitOfWork, provider: IdentityProvider, told: Told, browser: Browser, *, hours: int
) -> OpenSession:
    """Begin a session of whoever signed in there, who gets the roles that their groups say.

    Raises NotSignedInThere: for an e-mail address of a domain that is not the provider's, somebody
    barred here, and somebody in no group that has a part here.
    """
    person = await _person(work, provider, told)
    work.by = type(work.by)(person.id, None, provider.organisation_id, work.by.request_id)
    await _follow_groups(work, provider, person, told)
    if not await _belongs(work, provider, person):
        raise NotSignedInThere("none of the person's groups has a part here", NO_PART)
    await record(work, "session:begin", person, detail={"provider_id": provider.id})
    if browser.session_token is not None:
        await sessions.end(work.session, browser.session_token, now=work.now)
    log.info("sign_in.succeeded", person_id=person.id, provider_id=provider.id)
    return await sessions.begin(
        work.session,
        person.id,
        now=work.now,
        hours=hours,
        methods=(method_of(told),),
        browser=browser.name,
        address=browser.address,
    )


async def known(session: AsyncSession, provider: IdentityProvider, told: Told) -> int | None:
    """The id of the person that the provider's `sub` has been here."""
    return await session.scalar(
        select(ProviderSubject.person_id).where(
            ProviderSubject.provider_id == provider.id, ProviderSubject.subject == told.subject
        )
    )


def method_of(told: Told) -> Method:
    return Method.PROVIDER_MFA if told.several_factors else Method.PROVIDER


async def _person(work: UnitOfWork, provider: IdentityProvider, told: Told) -> Person:
    # Two first sign-ins of one person at once take turns.
    await work.session.execute(
        select(IdentityProvider.id).where(IdentityProvider.id == provider.id).with_for_update()
    )
    id = await known(work.session, provider, told)
    if id is not None:
        person = await work.session.get_one(Person, id)
    else:
        person = await _by_email(work, provider, told)
    if not person.active:
        raise NotSignedInThere("the person is barred here")
    return person


async def _by_email(work: UnitOfWork, provider: IdentityProvider, told: Told) -> Person:
    """Somebody who was here before under the address, or somebody new."""
    email = told.email
    domain = email.rpartition("@")[2].casefold() if email else ""
    theirs = select(ProviderDomain.domain).where(
        ProviderDomain.provider_id == provider.id, ProviderDomain.domain == domain
    )
    if email is None or await work.session.scalar(theirs) is None:
        raise NotSignedInThere("the e-mail address is of no domain of the provider", NOT_YOURS)
    found = select(Person).where(has_email(email))
    person = await work.session.scalar(found)
    if person is None:
        person = Person(
            name=told.name or email, email=email, password_hash=None, active=True,
            created_at=work.now,
        )  # fmt: skip
        work.session.add(person)
        await record(work, "person:arrive", person, detail={"provider_id": provider.id})
    work.session.add(
        ProviderSubject(
            provider_id=provider.id,
            subject=told.subject,
            person_id=person.id,
            created_at=work.now,
        )
    )
    await record(work, "person:link_provider", person, detail={"provider_id": provider.id})
    return person


async def _follow_groups(
    work: UnitOfWork, provider: IdentityProvider, person: Person, told: Told
) -> None:
    mapped = select(ProviderGroup.role).where(
        ProviderGroup.provider_id == provider.id, ProviderGroup.name.in_(sorted(told.groups))
    )
    wanted = {Role(role) for role in await work.session.scalars(mapped)}
    rows = select(Membership).where(
        Membership.person_id == person.id,
        Membership.organisation_id == provider.organisation_id,
    )
    held = {Role(one.role): one for one in await work.session.scalars(rows)}
    gone = sorted(role for role, one in held.items() if one.from_provider and role not in wanted)
    for role in gone:
        await work.session.execute(delete(Membership).where(Membership.id == held[role].id))
    new = sorted(wanted - held.keys())
    work.session.add_all(
        Membership(
            person_id=person.id,
            organisation_id=provider.organisation_id,
            role=role,
            reviewer_types=[],
            from_provider=True,
            created_at=work.now,
        )
        for role in new
    )
    if new or gone:
        detail = {"organisation_id": provider.organisation_id, "added": new, "removed": gone}
        await record(work, "membership:follow_groups", person, detail=detail)


async def _belongs(work: UnitOfWork, provider: IdentityProvider, person: Person) -> bool:
    seat = select(Membership.id).where(
        Membership.person_id == person.id,
        Membership.organisation_id == provider.organisation_id,
    )
    return await work.session.scalar(seat.limit(1)) is not None
