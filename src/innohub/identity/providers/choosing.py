"""Which provider signs somebody in, and who may come in without one."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.errors import Denied
from innohub.identity.models import Membership, Organisation
from innohub.identity.providers.models import IdentityProvider, ProviderDomain, ProviderSubject
from innohub.vault import RowPlace, Sealed, Vault


class PasswordsNotAllowed(Denied):
    """The person's organisation signs its people in itself."""

    code = "passwords_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            "Your organisation does not let its people in this way. Sign in with your organisation."
        )


async def provider_for(session: AsyncSession, email: str) -> IdentityProvider | None:
    """The provider in use whose domain the address is of."""
    domain = email.rpartition("@")[2].casefold()
    found: IdentityProvider | None = await session.scalar(
        select(IdentityProvider)
        .join(ProviderDomain, ProviderDomain.provider_id == IdentityProvider.id)
        .where(ProviderDomain.domain == domain, IdentityProvider.enabled)
    )
    return found


async def any_in_use(session: AsyncSession) -> bool:
    found = select(IdentityProvider.id).where(IdentityProvider.enabled).limit(1)
    return await session.scalar(found) is not None


async def provider_in_use(session: AsyncSession, id: int) -> IdentityProvider | None:
    found = select(IdentityProvider).where(IdentityProvider.id == id, IdentityProvider.enabled)
    provider: IdentityProvider | None = await session.scalar(found)
    return provider


async def provider_of(session: AsyncSession, person_id: int) -> IdentityProvider | None:
    """The provider in use that has signed the person in before."""
    found: IdentityProvider | None = await session.scalar(
        select(IdentityProvider)
        .join(ProviderSubject, ProviderSubject.provider_id == IdentityProvider.id)
        .where(ProviderSubject.person_id == person_id, IdentityProvider.enabled)
        .order_by(IdentityProvider.id)
        .limit(1)
    )
    return found


async def require_own_means_allowed(session: AsyncSession, person_id: int) -> None:
    """Raise PasswordsNotAllowed where an organisation of the person's signs its people in itself:
    one that somebody leaves has to be able to shut the door."""
    forbids = (
        select(func.count())
        .select_from(Membership)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == person_id, Organisation.passwords_allowed.is_(False))
    )
    if await session.scalar(forbids):
        raise PasswordsNotAllowed


def secret_of(provider: IdentityProvider, vault: Vault) -> str | None:
    if provider.ciphertext is None or provider.key_id is None:
        return None
    return vault.open(Sealed(provider.ciphertext, provider.key_id), place_of(provider))


def place_of(provider: IdentityProvider) -> RowPlace:
    return RowPlace("identity_provider", provider.organisation_id, "client_secret")


async def reseal(session: AsyncSession, vault: Vault) -> int:
    """Seal anew, with the newest key, what an older one of the ring sealed. The number of rows:
    a few hundred organisations at most."""
    older = (
        select(IdentityProvider)
        .where(IdentityProvider.key_id.in_(vault.ring[1:]))
        .with_for_update(skip_locked=True)
    )
    rows = list(await session.scalars(older))
    for row in rows:
        sealed = vault.seal(secret_of(row, vault) or "", place_of(row))
        row.ciphertext, row.key_id = sealed.ciphertext, sealed.key_id
    return len(rows)
