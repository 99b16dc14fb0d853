"""What the people of a supplier, and the reviewers, are told of a listing."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Role
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify, notify_role

WRITERS = (Role.SUPPLIER_ADMIN, Role.SUPPLIER_EDITOR)


async def tell_supplier(
    work: UnitOfWork, technology: Technology, version: ListingVersion, *, what: str
) -> None:
    """Tell those who write its listings what came of a version."""
    await notify(
        work,
        kind=NoticeKind.LISTING,
        organisation_id=technology.supplier_id,
        roles=WRITERS,
        text=f"{technology.name}, version {version.number}: {what}",
        path=f"/listings/{technology.slug}",
        key=f"listing-version/{version.id}/{version.state}",
    )


async def tell_archived(work: UnitOfWork, technology: Technology) -> None:
    """Tell those who write its listings that a draft was put away."""
    await notify(
        work,
        kind=NoticeKind.LISTING,
        organisation_id=technology.supplier_id,
        roles=WRITERS,
        text=f"{technology.name}: the draft lay untouched for twelve months and was archived.",
        path=f"/listings/{technology.slug}",
        key=f"listing/{technology.id}/archived",
    )


async def tell_reviewers(work: UnitOfWork, technology: Technology, version: ListingVersion) -> None:
    """Tell the catalogue's reviewers of a version that waits for them."""
    await notify_role(
        work,
        kind=NoticeKind.LISTING,
        roles=(Role.CATALOGUE_REVIEWER,),
        text=f"{technology.name}, version {version.number}, waits for review.",
        path=f"/listings/{technology.slug}",
        key=f"listing-version/{version.id}/submitted",
    )
