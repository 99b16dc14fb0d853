"""Who sees what of a pool. Constants are written into the SQL, so that only ids are parameters.

A pool is policing's while demand is collected, and public from the moment when suppliers are asked:
its quantities too, but not which force commits to how much, nor what is quoted. What is awarded and
called off is public, with the price that was paid.
"""

from typing import Any

from sqlalchemy import ColumnElement, false, literal_column, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.constants import in_states
from innohub.market.demand.models import PoolAward, PoolState
from innohub.market.quotes import policy as quotes
from innohub.market.quotes.models import Quote

ONE: ColumnElement[int] = literal_column("1")


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Pools: all for those who buy, and for everybody from the call for quotes on."""
    if viewer.holds(Permission.POOL_READ):
        return true()
    return ~in_states(row.state, {PoolState.COLLECTING})


def commitment_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """The ledger: for those who buy; suppliers and everybody else read its sums alone."""
    return true() if viewer.holds(Permission.POOL_READ) else false()


def invitation_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Who is asked to quote: the supplier itself, and those who buy."""
    if viewer.holds(Permission.POOL_READ):
        return true()
    return viewer.among(row.supplier_id, Permission.QUOTE_READ)


def offer_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Quotes in a pool follow the quote itself."""
    quote = aliased(Quote)
    return (
        select(ONE)
        .select_from(quote)
        .where(quote.id == row.quote_id, quotes.visible(quote, viewer))
        .correlate_except(quote)
        .exists()
    )


def award_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Proposals: for those who buy. What was awarded: for everybody."""
    if viewer.holds(Permission.POOL_READ):
        return true()
    awarded: ColumnElement[bool] = row.awarded_at.is_not(None)
    return awarded


def share_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """A force's part follows the award."""
    award = aliased(PoolAward)
    return (
        select(ONE)
        .select_from(award)
        .where(award.id == row.award_id, award_visible(award, viewer))
        .correlate_except(award)
        .exists()
    )


def call_off_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Call-offs are public, with what was paid."""
    return true()
