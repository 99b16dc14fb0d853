"""Organisations by slugs of today and of before, as SQL."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, select
from sqlalchemy.orm import aliased

from innohub.identity.organisations.models import OrganisationSlug


def answering(slug: Any) -> ColumnElement[int]:
    """The id of who answers to a slug: whose it is or was, or their successor from the day after
    their last one. Null for a slug that was never anybody's."""
    return func.organisation_answering(slug, type_=BigInteger)


def ids_by_slug(fits: Callable[[Any], ColumnElement[bool]]) -> Any:
    """The ids of the organisations that have or had a slug that `fits`. A force that ended is found
    by its own, not by its successor's: what it did stays its own. What a supplier did that ended is
    its successor's, and so are its slugs."""
    kept = aliased(OrganisationSlug)
    return select(kept.organisation_id).where(fits(kept.slug)).correlate_except(kept)
