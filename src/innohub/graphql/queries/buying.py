"""Choosing and buying together: rounds, quotes, pools, prices, savings."""

import strawberry

from innohub.graphql.read.declare import Connection, many, one, paged
from innohub.graphql.types.board import Round, RoundConnection, RoundFilter
from innohub.graphql.types.open_data import OcdsFilter, OcdsReleaseConnection, as_released
from innohub.graphql.types.organisations import by_name
from innohub.graphql.types.pools import Pool, PoolConnection, PoolFilter
from innohub.graphql.types.prices_paid import PricePaidConnection, PricePaidFilter, as_ordered
from innohub.graphql.types.quotes import Quote, QuoteConnection, QuoteFilter
from innohub.graphql.types.savings import (
    SavedByClass,
    SavedByForce,
    Saving,
    SavingConnection,
    SavingFilter,
    SavingsBaseline,
    SpentByForce,
    SupplierTransaction,
    TransactionFilter,
)
from innohub.graphql.types.together import Colleague
from innohub.market.board.seats.policy import scores_for_a_board


@strawberry.type
class BuyingQueries:
    rounds: RoundConnection = paged(None, filter=RoundFilter)
    board_members: Connection[Colleague] = paged(
        lambda _, person: scores_for_a_board(person),
        "Those of the viewer's own board who can sit on a round.",
        order=by_name,
    )
    round: Round | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    quotes: QuoteConnection = paged(
        None,
        "Quotes that the viewer may read, the newest first: a supplier its own, a force and the "
        "company all, everybody those that were accepted.",
        filter=QuoteFilter,
    )
    quote: Quote | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    pools: PoolConnection = paged(
        None,
        "What forces buy together: from the call for quotes on for all, before it for policing.",
        filter=PoolFilter,
    )
    pool: Pool | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    prices_paid: PricePaidConnection = paged(
        None,
        "What forces called off and paid, the newest call-off first: for everybody.",
        filter=PricePaidFilter,
        order=as_ordered,
    )
    savings: SavingConnection = paged(
        None,
        "The ledger: signed savings of all forces, the others of one's own.",
        filter=SavingFilter,
    )
    saving: Saving | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    saved_by_class: list[SavedByClass] = many(
        lambda _, row: row.entries > 0,
        lambda row: [row.saving_class],
        "One for each class.",
        "What is signed, class by class. Classes are never added together.",
    )
    saved_by_force: list[SavedByForce] = many(
        lambda _, row: row.entries > 0,
        lambda row: [row.force_id, row.saving_class],
        "One for each force and class.",
        "What is signed, force by force and class by class.",
    )
    spent_by_force: list[SpentByForce] = many(
        lambda _, row: row.call_offs > 0,
        lambda row: [row.force_id],
        "One for each force.",
        "What forces called off: what the savings stand against.",
    )
    savings_baselines: Connection[SavingsBaseline] = paged(None, "For policing.")
    supplier_transactions: Connection[SupplierTransaction] = paged(
        None,
        "What suppliers' books say: a supplier its own, policing all.",
        filter=TransactionFilter,
    )
    ocds_releases: OcdsReleaseConnection = paged(
        None,
        "Open contracting data, the oldest release first. Nothing is ever added before a cursor; "
        "no release is ever changed.",
        filter=OcdsFilter,
        order=as_released,
    )
