"""The savings ledger: what a force would have paid, what it paid, and what of the difference
counts, as what, once its finance lead signs."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.machine import Machine


class BaselineMethod(StrEnum):
    """What a saving is measured against."""

    PREVIOUS_PRICE = "previous_price"
    BUDGET = "budget"
    MARKET_RATE = "market_rate"
    MEDIAN_COMPLIANT_BID = "median_compliant_bid"
    STANDALONE_QUOTE = "standalone_quote"


class SavingsClass(StrEnum):
    """What kind of saving it is. Classes are never added together."""

    CASHABLE = "cashable"
    NON_CASHABLE_EFFICIENCY = "non_cashable_efficiency"
    COST_AVOIDANCE = "cost_avoidance"
    SOCIAL_VALUE = "social_value"
    RISK_REDUCTION = "risk_reduction"
    CARBON = "carbon"


OF_PRICE = {SavingsClass.CASHABLE, SavingsClass.COST_AVOIDANCE}
"""Reckoned from prices; the others are valued by hand, with evidence."""


class SavingsDriver(StrEnum):
    """What brought it about."""

    STANDARDISATION = "standardisation"
    NEW_COMMERCIAL_ARRANGEMENT = "new_commercial_arrangement"
    NEW_VOLUMES = "new_volumes"
    DEMAND_MANAGEMENT = "demand_management"


class Occurrence(StrEnum):
    ONE_OFF = "one_off"
    RECURRING = "recurring"


class SavingState(StrEnum):
    ENTERED = "entered"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"
    SIGNED = "signed"
    REVERSED = "reversed"


S = SavingState
SAVING = Machine(
    "saving",
    [
        ("sign", {S.ENTERED}, S.SIGNED),
        ("send_back", {S.ENTERED}, S.SENT_BACK),
        ("withdraw", {S.ENTERED, S.SENT_BACK}, S.WITHDRAWN),
        ("reverse", {S.SIGNED}, S.REVERSED),
    ],
)
"""Ours: the vocabulary says only that the customer's finance lead signs."""
STANDING = {S.ENTERED, S.SIGNED}


class SavingsBaseline(Entity):
    """What a force would pay without the pool, declared before the award and frozen by it."""

    __tablename__ = "savings_baseline"
    __table_args__ = (
        UniqueConstraint("pool_id", "force_id"),
        one_of("method", BaselineMethod),
        CheckConstraint("unit_price_pence >= 0", name="unit_price"),
        Index("ix_savings_baseline_force_id", "force_id"),
    )

    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    method: Mapped[BaselineMethod]
    unit_price_pence: Mapped[int]
    """Of the same item, in the pool's unit and interval, without VAT."""
    evidence: Mapped[str]
    """Where the price can be checked: the contract, the invoice, the bids."""
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime]


class SupplierTransaction(Entity):
    """What the supplier's books say that a force paid on a call-off; a credit is below zero."""

    __tablename__ = "supplier_transaction"
    __table_args__ = (
        UniqueConstraint("call_off_id", "reference"),
        Index("ix_supplier_transaction_supplier_id", "supplier_id"),
    )

    call_off_id: Mapped[int] = mapped_column(ForeignKey("call_off.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reference: Mapped[str]
    """Of the invoice or credit note, in the supplier's books."""
    invoiced_on: Mapped[date]
    amount_pence: Mapped[int]
    """Without VAT."""


class Saving(Entity):
    """One line of the ledger. It is whole: value, less what was paid, less what it took. Sums are
    of the whole term, without VAT."""

    __tablename__ = "saving"
    __table_args__ = (
        one_of("saving_class", SavingsClass),
        one_of("driver", SavingsDriver),
        one_of("occurrence", Occurrence),
        one_of("state", SavingState),
        CheckConstraint(
            "net_pence = value_pence - paid_pence - implementation_pence - exit_pence", name="net"
        ),
        CheckConstraint("implementation_pence >= 0 AND exit_pence >= 0", name="costs"),
        CheckConstraint(
            "saving_class IN ('cashable', 'cost_avoidance') OR (paid_pence = 0 AND exit_pence = 0)",
            name="of_price",
        ),
        CheckConstraint("inflation_basis_points BETWEEN 0 AND 10000", name="inflation"),
        CheckConstraint("NOT (occurrence = 'one_off' AND deferred_spend)", name="not_deferred"),
        CheckConstraint("signed_by_id <> entered_by_id", name="another_signs"),
        CheckConstraint(
            "(state IN ('signed', 'reversed')) = (signed_by_id IS NOT NULL)"
            " AND (signed_by_id IS NULL) = (signed_at IS NULL)",
            name="signed",
        ),
        CheckConstraint(
            "state <> 'signed' OR inflation_basis_points = 0 OR inflation_approved",
            name="inflation_approved",
        ),
        Index(
            "uq_saving_price_once",
            "call_off_id",
            unique=True,
            postgresql_where=text(
                "saving_class IN ('cashable', 'cost_avoidance') AND state IN ('entered', 'signed')"
            ),
        ),
        Index("ix_saving_call_off_id", "call_off_id"),
        Index("ix_saving_force_id_state", "force_id", "state"),
    )

    call_off_id: Mapped[int] = mapped_column(ForeignKey("call_off.id"))
    baseline_id: Mapped[int] = mapped_column(ForeignKey("savings_baseline.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    saving_class: Mapped[SavingsClass]
    driver: Mapped[SavingsDriver]
    occurrence: Mapped[Occurrence]
    deferred_spend: Mapped[bool]
    """The spend was only put off to later."""
    inflation_basis_points: Mapped[int]
    """Counterfactual inflation on the baseline, in hundredths of a per cent; counts only if
    approved."""
    inflation_approved: Mapped[bool]
    value_pence: Mapped[int]
    """Of price: what the same would have cost by the baseline. Else: what it is worth."""
    paid_pence: Mapped[int]
    """Of price: what was paid for units, set-up and training."""
    implementation_pence: Mapped[int]
    """What else it took to put it into use."""
    exit_pence: Mapped[int]
    """What leaving will cost, with the force's first call-off: the whole life counts."""
    net_pence: Mapped[int]
    evidence: Mapped[str]
    state: Mapped[SavingState]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime | None]
    closing_reason: Mapped[str | None]
    """Why it was sent back, withdrawn or reversed."""
    demonstration: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}
