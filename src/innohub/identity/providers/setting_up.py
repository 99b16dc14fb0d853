"""An operator sets up how an organisation's people sign in, and tries it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound
from innohub.identity.actor import Actor
from innohub.identity.directory import KIND_OF
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.identity.providers.choosing import place_of
from innohub.identity.providers.commands import SetUpProvider
from innohub.identity.providers.discovery import Directory
from innohub.identity.providers.errors import NotSignedInThere
from innohub.identity.providers.models import IdentityProvider, ProviderDomain, ProviderGroup
from innohub.identity.step_up import require_recent_proof
from innohub.outbox.service import record
from innohub.vault import Vault


async def set_up(
    work: UnitOfWork, actor: Actor, command: SetUpProvider, *, vault: Vault
) -> IdentityProvider:
    """Raises NotSignedIn, Denied without `organisation:manage`, StepUpRequired, NotFound; Invalid
    for a role that organisations of this kind do not have, and for one in use without a domain;
    Conflict for a domain of another organisation's."""
    actor.require(Permission.ORGANISATION_MANAGE)
    require_recent_proof(actor, work.now)
    found = select(Organisation).where(Organisation.id == command.organisation_id)
    organisation = await work.session.scalar(found.with_for_update())
    if organisation is None:
        raise NotFound("This organisation does not exist.")
    _check(command, organisation)
    provider = await _provider(work, command, vault)
    organisation.passwords_allowed = command.passwords_allowed
    await _replace_domains(work, provider, command.domains)
    await _replace_groups(work, provider, command)
    detail = command.model_dump(mode="json", exclude={"client_secret", "organisation_id"})
    detail["client_secret"] = "new" if command.client_secret else "as before"
    await record(work, "identity_provider:set_up", provider, detail=detail)
    return provider


def _check(command: SetUpProvider, organisation: Organisation) -> None:
    for index, one in enumerate(command.groups):
        if KIND_OF[one.role] != organisation.kind:
            raise Invalid(
                f"A {organisation.kind} has no role {one.role}.", field=f"groups.{index}.role"
            )
    if command.enabled and not command.domains:
        raise Invalid("Name the e-mail domains of the organisation.", field="domains")
    if not command.enabled and not command.passwords_allowed:
        raise Invalid(
            "Nobody of this organisation could come in: allow passwords, or use its provider.",
            field="enabled",
        )


async def _provider(work: UnitOfWork, command: SetUpProvider, vault: Vault) -> IdentityProvider:
    provider = await of_organisation(work.session, command.organisation_id)
    if provider is None:
        provider = IdentityProvider(organisation_id=command.organisation_id, created_at=work.now)
        work.session.add(provider)
    elif provider.issuer != command.issuer and command.client_secret is None:
        # A secret is never sent to whoever the address is changed to.
        provider.ciphertext = provider.key_id = None
    provider.issuer, provider.client_id = command.issuer, command.client_id
    provider.tenant, provider.groups_claim = command.tenant, command.groups_claim
    provider.acr_values, provider.enabled = list(command.acr_values), command.enabled
    if command.client_secret is not None:
        sealed = vault.seal(command.client_secret.get_secret_value(), place_of(provider))
        provider.ciphertext, provider.key_id = sealed.ciphertext, sealed.key_id
    await work.session.flush()
    return provider


@dataclass(frozen=True)
class AsSetUp:
    provider: IdentityProvider
    domains: list[str]
    groups: list[ProviderGroup]


async def as_set_up(session: AsyncSession, organisation_id: int) -> AsSetUp | None:
    """The provider of an organisation with what was said about it; None without one."""
    provider = await of_organisation(session, organisation_id)
    if provider is None:
        return None
    domains = select(ProviderDomain.domain).where(ProviderDomain.provider_id == provider.id)
    groups = select(ProviderGroup).where(ProviderGroup.provider_id == provider.id)
    return AsSetUp(
        provider,
        list(await session.scalars(domains.order_by(ProviderDomain.domain))),
        list(await session.scalars(groups.order_by(ProviderGroup.id))),
    )


async def of_organisation(session: AsyncSession, organisation_id: int) -> IdentityProvider | None:
    found: IdentityProvider | None = await session.scalar(
        select(IdentityProvider).where(IdentityProvider.organisation_id == organisation_id)
    )
    return found


async def _replace_domains(
    work: UnitOfWork, provider: IdentityProvider, domains: Sequence[str]
) -> None:
    own = ProviderDomain.provider_id == provider.id
    await work.session.execute(delete(ProviderDomain).where(own))
    taken = await work.session.scalar(
        select(ProviderDomain.domain).where(ProviderDomain.domain.in_(domains)).limit(1)
    )
    if taken is not None:
        raise Conflict(f"{taken} is a domain of another organisation.", field="domains")
    work.session.add_all(ProviderDomain(domain=one, provider_id=provider.id) for one in domains)


async def _replace_groups(
    work: UnitOfWork, provider: IdentityProvider, command: SetUpProvider
) -> None:
    own = ProviderGroup.provider_id == provider.id
    await work.session.execute(delete(ProviderGroup).where(own))
    pairs = sorted({(one.name, one.role) for one in command.groups})
    work.session.add_all(
        ProviderGroup(provider_id=provider.id, name=name, role=role, created_at=work.now)
        for name, role in pairs
    )


@dataclass(frozen=True)
class Check:
    """One thing that was tried."""

    words: str
    why: str | None = None
    """What is wrong with it; None where it works."""


async def tried(directory: Directory, provider: IdentityProvider, now: datetime) -> list[Check]:
    """Whether the provider answers as the hub needs it to; no person is signed in."""
    try:
        metadata = await directory.metadata(provider.issuer, now)
        keys = await directory.keys(provider.issuer, now, missing=True)
    except NotSignedInThere as error:
        return [Check("The provider answers under the issuer that is set up", error.why)]
    return [
        Check("The provider answers under the issuer that is set up"),
        Check(f"It signs people in at {metadata.authorization_endpoint}"),
        Check(f"It publishes {len(keys.keys)} keys to check its word with"),
        Check(
            "Its answers name it (RFC 9207)",
            None
            if metadata.names_issuer
            else "not needed: each provider has an address of its own",
        ),
    ]
