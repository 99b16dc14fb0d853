"""Pooled demand rooms: what forces want to buy together, who commits to how much, what suppliers
quote for it, the award, and what is called off. The price is never stored beside the ledger of
commitments but where a document fixes it: it is reckoned from them each time."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.machine import Machine
from innohub.market.quotes.models import PriceInterval, PriceUnit


class PoolState(StrEnum):
    COLLECTING = "collecting"
    QUOTING = "quoting"
    COMMITTING = "committing"
    AWARDED = "awarded"
    CALLING_OFF = "calling_off"
    CLOSED = "closed"
    FAILED = "failed"


S = PoolState
POOL = Machine(
    "pool",
    [
        ("ask_for_quotes", {S.COLLECTING}, S.QUOTING),
        ("start_committing", {S.QUOTING}, S.COMMITTING),
        ("award", {S.COMMITTING}, S.AWARDED),
        ("fail", {S.COMMITTING}, S.FAILED),
        ("start_calling_off", {S.AWARDED}, S.CALLING_OFF),
        ("close", {S.AWARDED, S.CALLING_OFF}, S.CLOSED),
    ],
)
"""The vocabulary's `pooled_round`; one that was awarded and never called off closes, too."""
BUYING = {S.AWARDED, S.CALLING_OFF}
"""While forces call off, and others join late."""
BOUND = {S.AWARDED, S.CALLING_OFF, S.CLOSED}
"""From the award on, only what is binding counts."""


class CommitmentStrength(StrEnum):
    INTERESTED = "interested"
    INDICATIVE_QUANTITY = "indicative_quantity"
    CONDITIONAL_ON_PILOT = "conditional_on_pilot"
    BUDGET_APPROVED = "budget_approved"
    BINDING = "binding"


MOVE_THE_PRICE = {CommitmentStrength.BUDGET_APPROVED, CommitmentStrength.BINDING}


AWAITS_BUDGET = {CommitmentStrength.INDICATIVE_QUANTITY, CommitmentStrength.CONDITIONAL_ON_PILOT}
"""Quantities that would move the price, if there were a budget for them."""


class Pool(Entity):
    """One round of buying together. It comes of a technology, of a challenge, or of an item of a
    board's shortlist."""

    __tablename__ = "pool"
    __table_args__ = (
        one_of("state", PoolState),
        one_of("unit", PriceUnit),
        one_of("interval", PriceInterval),
        CheckConstraint(
            "num_nonnulls(technology_id, challenge_id, round_item_id) = 1", name="one_source"
        ),
        CheckConstraint("term_months > 0 AND minimum_quantity > 0", name="terms"),
        CheckConstraint(
            "state IN ('collecting', 'quoting') OR commit_by IS NOT NULL", name="window"
        ),
        Index("ix_pool_state_commit_by", "state", "commit_by"),
        Index("ix_pool_technology_id", "technology_id"),
        Index("ix_pool_challenge_id", "challenge_id"),
        Index("ix_pool_round_item_id", "round_item_id"),
    )

    title: Mapped[str]
    specification: Mapped[str]
    """What every quote must meet, so that prices compare."""
    unit: Mapped[PriceUnit]
    interval: Mapped[PriceInterval]
    term_months: Mapped[int]
    minimum_quantity: Mapped[int]
    """Below it the pool fails when the window closes."""
    technology_id: Mapped[int | None] = mapped_column(ForeignKey("technology.id"))
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"))
    round_item_id: Mapped[int | None] = mapped_column(ForeignKey("round_item.id"))
    state: Mapped[PoolState]
    quotes_by: Mapped[date | None]
    """The last day on which suppliers may quote."""
    commit_by: Mapped[date | None]
    """The last day of the window in which forces commit."""
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[str | None]
    demonstration: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class PoolInvitation(Entity):
    """A listing whose supplier is asked to quote."""

    __tablename__ = "pool_invitation"
    __table_args__ = (
        UniqueConstraint("pool_id", "technology_id"),
        Index("ix_pool_invitation_supplier_id", "supplier_id"),
    )

    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))


class PoolQuote(Entity):
    """A quote that was made in the pool; those that a newer one replaced stay."""

    __tablename__ = "pool_quote"
    __table_args__ = (UniqueConstraint("quote_id"), Index("ix_pool_quote_pool_id", "pool_id"))

    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    quote_id: Mapped[int] = mapped_column(ForeignKey("quote.id"))


class PoolCommitment(Entity):
    """One line of the ledger: what a force commits to from now on, in place of what it did before.
    Lines are added and never changed; the newest of a force is where it stands."""

    __tablename__ = "pool_commitment"
    __table_args__ = (
        one_of("strength", CommitmentStrength),
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint(
            "(quantity = 0) = (withdrawn OR strength = 'interested')", name="some_quantity"
        ),
        CheckConstraint("NOT late OR strength = 'binding'", name="late_is_binding"),
        Index("ix_pool_commitment_newest", "pool_id", "force_id", text("id DESC")),
    )

    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    quantity: Mapped[int]
    strength: Mapped[CommitmentStrength]
    withdrawn: Mapped[bool]
    late: Mapped[bool]
    """It came after the award."""
    note: Mapped[str | None]
    """The approval or order that stands behind it, in the force's words."""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who of the force's leadership approved or declined the budget; else None."""


class PoolAward(Entity):
    """What the company proposes, and once each force with a binding quantity agrees, awards. Sums
    are those of the whole term, without VAT, at the binding quantity of that moment."""

    __tablename__ = "pool_award"
    __table_args__ = (
        CheckConstraint("awarded_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        CheckConstraint("quantity >= tier_from_quantity", name="at_a_tier"),
        Index(
            "uq_pool_award_standing",
            "pool_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_pool_award_quote_id", "quote_id"),
    )

    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    quote_id: Mapped[int] = mapped_column(ForeignKey("quote.id"))
    route: Mapped[str]
    """An id of the reference list `procurement_route`."""
    route_reference: Mapped[str]
    """The notice, framework or contract that the route runs by."""
    reason: Mapped[str]
    quantity: Mapped[int]
    tier_from_quantity: Mapped[int]
    unit_price_pence: Mapped[int]
    """Of the tier, for one interval."""
    total_pence: Mapped[int]
    vat_pence: Mapped[int]
    awarded_at: Mapped[datetime | None]
    call_off_until: Mapped[date | None]
    """The last day of the term."""
    withdrawn_at: Mapped[datetime | None]
    """When another proposal took its place."""


class PoolShare(Entity):
    """A force's part of a proposed award: its quantity and what of the total falls to it, to the
    penny. `agreed_at` is when its commercial lead agreed."""

    __tablename__ = "pool_share"
    __table_args__ = (
        UniqueConstraint("award_id", "force_id"),
        CheckConstraint("quantity > 0 AND total_pence >= 0", name="some"),
        Index("ix_pool_share_force_id", "force_id"),
    )

    award_id: Mapped[int] = mapped_column(ForeignKey("pool_award.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    quantity: Mapped[int]
    total_pence: Mapped[int]
    vat_pence: Mapped[int]
    agreed_at: Mapped[datetime | None]


class CallOff(Entity):
    """A force orders part of its quantity, for the whole term. Sums are without VAT."""

    __tablename__ = "call_off"
    __table_args__ = (
        UniqueConstraint("pool_id", "number"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "due_pence >= 0 AND once_pence >= 0 AND vat_pence >= 0 AND paid_pence >= 0",
            name="sums",
        ),
        Index("ix_call_off_award_id_force_id", "award_id", "force_id"),
        Index("ix_call_off_force_id", "force_id"),
    )

    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    award_id: Mapped[int] = mapped_column(ForeignKey("pool_award.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[int]
    """Counts the call-offs of the pool."""
    quantity: Mapped[int]
    ordered_on: Mapped[date]
    reference: Mapped[str | None]
    """The force's own order number."""
    due_pence: Mapped[int]
    """What the units cost over the term by the quote, as invoiced at this call-off: a rebate, and
    what a better tier reached later pays back, are reckoned from the ledger."""
    once_pence: Mapped[int]
    """Set-up and training, with a force's first call-off."""
    vat_pence: Mapped[int]
    """On both."""
    late: Mapped[bool]
    """By a force that joined after the award."""
    paid_pence: Mapped[int | None]
    """The price actually paid for units, set-up and training, once the force records it."""
    paid_recorded_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}
