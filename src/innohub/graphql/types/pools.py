"""Pooled demand rooms: who would buy, at which price, and what was bought."""

from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    Term,
    among,
    column,
    many,
    node,
    one,
    paged,
    where,
)
from innohub.graphql.types.board import RoundItem
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.challenges import Challenge
from innohub.graphql.types.organisations import Force, Supplier
from innohub.graphql.types.pool_awards import CallOff, PoolAward
from innohub.graphql.types.pool_offers import PoolOffer
from innohub.identity.permissions import Permission
from innohub.market.catalogue.prices import PriceInterval, PriceUnit
from innohub.market.demand import models as rows
from innohub.market.demand import policy, views
from innohub.market.demand.models import CommitmentStrength, PoolState
from innohub.market.quotes import models as quotes
from innohub.market.quotes import policy as quotes_policy

strawberry.enum(PoolState)
strawberry.enum(CommitmentStrength)


@node(rows.PoolInvitation, policy.invitation_visible, name="PoolInvitation")
class PoolInvitation(Node):
    """A listing whose supplier is asked to quote."""

    asked_at: datetime = column(rows.PoolInvitation.created_at)
    mine: bool = column(
        lambda row, viewer: viewer.among(row.supplier_id, Permission.QUOTE_READ),
        "Whether it is of the viewer's supplier.",
    )
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    supplier: Supplier | None = one(lambda row, supplier: supplier.id == row.supplier_id)


@node(rows.PoolCommitment, policy.commitment_visible, name="PoolCommitment")
class PoolCommitment(Node):
    """One line of the ledger, for those who buy: what a force commits to from then on."""

    quantity: int = column(rows.PoolCommitment.quantity)
    strength: CommitmentStrength = column(rows.PoolCommitment.strength)
    withdrawn: bool = column(rows.PoolCommitment.withdrawn)
    late: bool = column(rows.PoolCommitment.late, "It came after the award.")
    note: str | None = column(rows.PoolCommitment.note)
    committed_at: datetime = column(rows.PoolCommitment.created_at)
    stands: bool = column(lambda row: views.stands(row), "Whether it is where the force stands.")
    mine: bool = column(
        lambda row, viewer: viewer.among(row.force_id, Permission.POOL_READ),
        "Whether it is of the viewer's force.",
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)


@node(rows.Pool, policy.visible, name="Pool")
class Pool(Node):
    """One round of buying together. Its sums are public from the call for quotes on; which force
    commits to how much, and what is quoted, is for forces, the company and the board."""

    number: int = column(rows.Pool.id, "As in the page's address.")
    title: str = column(rows.Pool.title)
    specification: str = column(rows.Pool.specification)
    unit: PriceUnit = column(rows.Pool.unit)
    interval: PriceInterval = column(rows.Pool.interval)
    term_months: int = column(rows.Pool.term_months)
    minimum_quantity: int = column(
        rows.Pool.minimum_quantity, "Below it the pool fails when the window closes."
    )
    state: PoolState = column(rows.Pool.state)
    opened_at: datetime = column(rows.Pool.created_at)
    quotes_by: date | None = column(
        rows.Pool.quotes_by, "The last day on which suppliers may quote."
    )
    commit_by: date | None = column(
        rows.Pool.commit_by, "The last day of the window in which forces commit."
    )
    closed_at: datetime | None = column(rows.Pool.closed_at)
    closing_reason: str | None = column(rows.Pool.closing_reason)
    demonstration: bool = column(rows.Pool.demonstration)
    revision: int = column(rows.Pool.revision)
    counted_quantity: int = column(
        lambda row: views.counted(row),
        "Units that move the price: budget-approved or binding; from the award on, binding.",
    )
    binding_quantity: int = column(lambda row: views.binding(row))
    wanted_quantity: int = column(
        lambda row: views.wanted(row), "Units that forces would buy, however firmly."
    )
    force_count: int = column(lambda row: views.force_count(row))
    quote_count: int = column(
        lambda row: _quotes(row), "Prices that are quoted and stand, for everybody to know."
    )
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    challenge: Challenge | None = one(lambda row, other: other.id == row.challenge_id)
    round_item: RoundItem | None = one(
        lambda row, item: item.id == row.round_item_id, "The item of the shortlist it comes of."
    )
    invitations: list[PoolInvitation] = many(
        lambda row, invited: invited.pool_id == row.id,
        lambda invited: [invited.id],
        "One for each listing that is asked for, at most 20.",
    )
    offers: list[PoolOffer] = many(
        lambda row, offer: (offer.pool_id == row.id) & _not_replaced(offer),
        lambda offer: [offer.id],
        "One for each listing that a quote was asked for.",
        "Where it stands at each quote that the viewer may read, replaced ones apart.",
    )
    commitments: list[PoolCommitment] = many(
        lambda row, line: (line.pool_id == row.id) & views.stands(line),
        lambda line: [line.force_id],
        "One for each force.",
        "Where each force stands.",
    )
    ledger: Connection[PoolCommitment] = paged(
        lambda row, line: line.pool_id == row.id,
        "Every line, the newest first.",
    )
    award: PoolAward | None = one(
        lambda row, award: (award.pool_id == row.id) & award.withdrawn_at.is_(None),
        "What is proposed, or was awarded.",
    )
    call_offs: Connection[CallOff] = paged(
        lambda row, order: order.pool_id == row.id,
        order=lambda order, given: [Term(order.number, unique=True)],
    )


def _quotes(row: Row) -> Any:
    made, quote = aliased(rows.PoolQuote), aliased(quotes.Quote)
    return (
        select(func.count())
        .select_from(made)
        .join(quote, quote.id == made.quote_id)
        .where(made.pool_id == row.id, quotes_policy.stands(quote))
        .correlate_except(made, quote)
        .scalar_subquery()
    )


def _not_replaced(offer: Row) -> Any:
    quote = aliased(quotes.Quote)
    return (
        select(policy.ONE)
        .select_from(quote)
        .where(
            quote.id == offer.quote_id,
            quote.superseded_at.is_(None),
            quote.withdrawn_at.is_(None),
        )
        .correlate_except(quote)
        .exists()
    )


@strawberry.input
class PoolFilter:
    state: list[PoolState] | None = where(lambda row, value: among(row.state, value))


PoolConnection = Connection[Pool]
