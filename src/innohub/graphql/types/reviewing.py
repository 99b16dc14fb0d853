"""What reviewers are shown and say beside the listing itself."""

from datetime import datetime

import strawberry
from sqlalchemy import func

from innohub.graphql.read.declare import Node, column, node, one
from innohub.graphql.types.organisations import Supplier
from innohub.market.catalogue import models as rows
from innohub.market.catalogue import policy
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.models import ListingState


@node(rows.SupplierInterest, policy.interest_visible, name="SupplierInterest")
class SupplierInterest(Node):
    """A reviewer's declared interest in a supplier: they review none of its listings."""

    supplier: Supplier | None = one(lambda row, supplier: supplier.id == row.supplier_id)
    detail: str = column(rows.SupplierInterest.detail)
    mine: bool = column(lambda row, viewer: func.coalesce(viewer.is_person(row.person_id), False))
    declared_at: datetime = column(rows.SupplierInterest.created_at)


@strawberry.type(description="A listing that may be the same thing under another name.")
class PossibleDuplicate:
    slug: str
    name: str
    supplier_name: str
    state: ListingState
    likeness: float = strawberry.field(
        description="The share of the words of name and summary that both have, 0 to 1."
    )


async def possible_duplicates(info: strawberry.Info, slug: str) -> list[PossibleDuplicate]:
    """Empty for everybody but reviewers."""
    context = info.context
    async with context.database.session() as session:
        found = await catalogue.possible_duplicates(session, context.viewer, slug)
    return [
        PossibleDuplicate(
            slug=one.slug,
            name=one.name,
            supplier_name=one.supplier,
            state=one.state,
            likeness=one.likeness,
        )
        for one in found
    ]
