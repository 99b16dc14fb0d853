"""Who sees which quote. Constants are written into the SQL, so that only ids are parameters.

A price is sealed until it is accepted: its supplier reads it, and forces, company and board, too,
who buy and compare. Everybody else sees that a price is quoted, never which.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.models import ListingVersion
from innohub.market.london import today_in_london
from innohub.market.quotes.models import Quote

ONE: ColumnElement[int] = literal_column("1")
TODAY = today_in_london()


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Quotes: the supplier's own, all for those who buy, and for everybody what was accepted."""
    if viewer.holds(Permission.POOL_READ):
        return true()
    return or_(row.accepted_at.is_not(None), viewer.among(row.supplier_id, Permission.QUOTE_READ))


def tier_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Tiers follow their quote."""
    quote = aliased(Quote)
    return (
        select(ONE)
        .select_from(quote)
        .where(quote.id == row.quote_id, visible(quote, viewer))
        .correlate_except(quote)
        .exists()
    )


def stands(row: Any, today: Any = TODAY) -> ColumnElement[bool]:
    """Quotes that can be accepted: not withdrawn, not replaced, and valid on the day."""
    return and_(row.withdrawn_at.is_(None), row.superseded_at.is_(None), row.valid_until >= today)


def covers(quote: Any, version: Any) -> ColumnElement[bool]:
    """Quotes that hold for a version of the listing: the one they name, and later ones as long as
    nothing material has changed since, which a price would have to be thought over for."""
    named, between = aliased(ListingVersion), aliased(ListingVersion)
    since = (
        select(named.number)
        .where(named.id == quote.listing_version_id)
        .correlate_except(named)
        .scalar_subquery()
    )
    changed = (
        select(ONE)
        .select_from(between)
        .where(
            between.technology_id == version.technology_id,
            between.number > since,
            between.number <= version.number,
            between.material,
        )
        .correlate_except(between)
        .exists()
    )
    return and_(quote.technology_id == version.technology_id, version.number >= since, ~changed)


def is_priced(technology: Any) -> ColumnElement[bool]:
    """Technologies whose current version has a quote that stands: for everybody to know."""
    quote, version = aliased(Quote), aliased(ListingVersion)
    return (
        select(ONE)
        .select_from(quote)
        .join(version, version.id == technology.current_version_id)
        .where(stands(quote), covers(quote, version))
        .correlate_except(quote, version)
        .exists()
    )
