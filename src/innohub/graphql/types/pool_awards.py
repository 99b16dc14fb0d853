"""What a pool was awarded at, who agreed, and what was called off."""

from datetime import date, datetime

from innohub.graphql.read.declare import Node, column, many, node, one
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.quotes import Quote
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.identity.permissions import Permission
from innohub.market.demand import models as rows
from innohub.market.demand import policy


@node(rows.PoolShare, policy.share_visible, name="PoolShare")
class PoolShare(Node):
    """A force's part of an award. The parts add up to the whole, to the penny."""

    quantity: int = column(rows.PoolShare.quantity)
    total_pence: Pence = column(rows.PoolShare.total_pence, "Over the term, without VAT.")
    vat_pence: Pence = column(rows.PoolShare.vat_pence)
    agreed_at: datetime | None = column(rows.PoolShare.agreed_at)
    mine: bool = column(
        lambda row, viewer: viewer.among(row.force_id, Permission.POOL_READ),
        "Whether it is of the viewer's force.",
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)


@node(rows.PoolAward, policy.award_visible, name="PoolAward")
class PoolAward(Node):
    """What is proposed and, once each force with a binding quantity agrees, awarded. Sums are of
    the whole term, without VAT, at the quantity that was binding then."""

    route: str = column(rows.PoolAward.route)
    route_label: str = column(lambda row: label_of("procurement_route", row.route))
    route_reference: str = column(rows.PoolAward.route_reference)
    reason: str = column(rows.PoolAward.reason)
    quantity: int = column(rows.PoolAward.quantity)
    tier_from_quantity: int = column(rows.PoolAward.tier_from_quantity)
    unit_price_pence: Pence = column(rows.PoolAward.unit_price_pence, "For one interval.")
    total_pence: Pence = column(rows.PoolAward.total_pence)
    vat_pence: Pence = column(rows.PoolAward.vat_pence)
    proposed_at: datetime = column(rows.PoolAward.created_at)
    awarded_at: datetime | None = column(rows.PoolAward.awarded_at)
    call_off_until: date | None = column(rows.PoolAward.call_off_until, "The last day of the term.")
    withdrawn_at: datetime | None = column(
        rows.PoolAward.withdrawn_at, "When another proposal took its place."
    )
    quote: Quote | None = one(lambda row, quote: quote.id == row.quote_id)
    shares: list[PoolShare] = many(
        lambda row, share: share.award_id == row.id,
        lambda share: [share.force_id],
        "One for each force.",
    )


@node(rows.CallOff, policy.call_off_visible, name="CallOff")
class CallOff(Node):
    """What a force ordered from a pool, for the whole term. Sums are without VAT."""

    number: int = column(rows.CallOff.number, "Counts the call-offs of the pool.")
    quantity: int = column(rows.CallOff.quantity)
    ordered_on: date = column(rows.CallOff.ordered_on)
    reference: str | None = column(rows.CallOff.reference)
    due_pence: Pence = column(rows.CallOff.due_pence, "For the units, by the quote.")
    once_pence: Pence = column(
        rows.CallOff.once_pence, "Set-up and training, with a force's first call-off."
    )
    vat_pence: Pence = column(rows.CallOff.vat_pence, "On both.")
    late: bool = column(rows.CallOff.late, "By a force that joined after the award.")
    paid_pence: Pence | None = column(
        rows.CallOff.paid_pence, "The price actually paid, once the force records it."
    )
    paid_recorded_at: datetime | None = column(rows.CallOff.paid_recorded_at)
    revision: int = column(rows.CallOff.revision)
    mine: bool = column(
        lambda row, viewer: viewer.among(row.force_id, Permission.POOL_READ),
        "Whether it is of the viewer's force.",
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)
