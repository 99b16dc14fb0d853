"""A whole catalogue at once. A faulty item is that item's own outcome, not the list's."""

from typing import Annotated

from pydantic import Field, SkipValidation, StringConstraints

from innohub.db.identifiers import IdOf
from innohub.market.catalogue.commands import ListedFacts, Reference
from innohub.market.catalogue.models import Section
from innohub.market.command import Command, Prose

MOST = 1_000


class ItemSection(Command):
    """One section of an item."""

    section: Section
    body: Prose


class CatalogueItem(ListedFacts):
    """A listing, found again by the supplier's own reference. What is left out stays as it is."""

    supplier_reference: Reference
    sections: list[ItemSection] = []
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    """With it, the item's first outcome counts for 24 hours, as it does for a request."""


class UpsertCatalogue(Command):
    """Create or edit the drafts of a supplier's listings, up to 1,000 at once.

    `supplier_id` is needed only by somebody who acts for several. `submit` puts each before the
    reviewers too; `dry_run` tries everything and stores nothing of it.
    """

    supplier_id: Annotated[int, IdOf("Supplier")] | None = None
    items: Annotated[
        list[Annotated[CatalogueItem, SkipValidation]], Field(min_length=1, max_length=MOST)
    ]
    submit: bool = False
    dry_run: bool = False
