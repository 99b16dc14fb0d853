"""Catalogues that a supplier handed in at once, and what became of each item."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from strawberry.scalars import JSON

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    Term,
    among,
    column,
    node,
    one,
    paged,
    where,
)
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.organisations import Supplier
from innohub.market.imports import models as rows
from innohub.market.imports import policy
from innohub.market.imports.models import ImportState, ItemOutcome

strawberry.enum(ImportState)
strawberry.enum(ItemOutcome)


@node(rows.ImportItem, policy.visible, name="ImportItem")
class ImportItem(Node):
    """One item of an import, and what became of it."""

    position: int = column(rows.ImportItem.position, "Its place in the list, from 1.")
    reference: str = column(rows.ImportItem.reference, "The supplier's own.")
    outcome: ItemOutcome = column(rows.ImportItem.outcome)
    submitted: bool = column(rows.ImportItem.submitted, "Whether it was put before the reviewers.")
    problems: JSON = column(
        rows.ImportItem.problems, "Of a refused item: a list of `message` and `field`."
    )
    settled_at: datetime | None = column(rows.ImportItem.settled_at)
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)


@strawberry.input
class ImportItemFilter:
    outcome: list[ItemOutcome] | None = where(lambda row, value: among(row.outcome, value))


def in_their_order(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.position)]


def _count(outcome: ItemOutcome) -> Any:
    def counted(row: Row) -> Any:
        item = aliased(rows.ImportItem)
        return (
            select(func.count())
            .where(item.import_id == row.id, item.outcome == outcome)
            .correlate_except(item)
            .scalar_subquery()
        )

    return counted


@node(rows.CatalogueImport, policy.visible, name="CatalogueImport")
class CatalogueImport(Node):
    """A list of items that is created, edited and perhaps submitted one by one."""

    number: int = column(rows.CatalogueImport.id, "As in the page's address.")
    state: ImportState = column(rows.CatalogueImport.state)
    submit: bool = column(rows.CatalogueImport.submit)
    dry_run: bool = column(rows.CatalogueImport.dry_run, "Tried, and nothing of it stored.")
    by_name: str = column(rows.CatalogueImport.by_name, "Who handed it in.")
    total: int = column(rows.CatalogueImport.total)
    waiting: int = column(_count(ItemOutcome.WAITING), "Items still to be done.")
    created: int = column(_count(ItemOutcome.CREATED))
    changed: int = column(_count(ItemOutcome.CHANGED))
    unchanged: int = column(_count(ItemOutcome.UNCHANGED))
    refused: int = column(_count(ItemOutcome.REFUSED))
    handed_in_at: datetime = column(rows.CatalogueImport.created_at)
    finished_at: datetime | None = column(rows.CatalogueImport.finished_at)
    supplier: Supplier | None = one(lambda row, other: other.id == row.supplier_id)
    items: Connection[ImportItem] = paged(
        lambda row, item: item.import_id == row.id, filter=ImportItemFilter, order=in_their_order
    )
