"""The savings ledger. Whatever tells a sum of savings tells its class beside it: sums of different
classes are never added together, and nothing here gives one."""

from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Connection, Node, Row, among, column, node, one, where
from innohub.graphql.types.organisations import Force, Supplier, by_slugs
from innohub.graphql.types.people import name_of
from innohub.graphql.types.scalars import Pence
from innohub.market.demand.models import CallOff, Pool
from innohub.market.savings import models as rows
from innohub.market.savings import policy, totals
from innohub.market.savings.models import (
    BaselineMethod,
    Occurrence,
    SavingsClass,
    SavingsDriver,
    SavingState,
)

for enumeration in (BaselineMethod, SavingsClass, SavingsDriver, SavingState):
    strawberry.enum(enumeration)
strawberry.enum(Occurrence, name="SavingOccurrence")


def _of_pool(name: str) -> Any:
    """A column of the pool that the row's `pool_id` names."""

    def told(row: Row) -> Any:
        pool = aliased(Pool)
        return (
            select(getattr(pool, name))
            .where(pool.id == row.pool_id)
            .correlate_except(pool)
            .scalar_subquery()
        )

    return told


def _of_call_off(name: str) -> Any:
    """A column of the call-off that the row's `call_off_id` names."""

    def told(row: Row) -> Any:
        call_off = aliased(CallOff)
        return (
            select(getattr(call_off, name))
            .where(call_off.id == row.call_off_id)
            .correlate_except(call_off)
            .scalar_subquery()
        )

    return told


def _pool_of_call_off(name: str) -> Any:
    def told(row: Row) -> Any:
        call_off, pool = aliased(CallOff), aliased(Pool)
        return (
            select(getattr(pool, name))
            .join(call_off, call_off.pool_id == pool.id)
            .where(call_off.id == row.call_off_id)
            .correlate_except(call_off, pool)
            .scalar_subquery()
        )

    return told


@node(rows.SavingsBaseline, policy.baseline_visible, name="SavingsBaseline")
class SavingsBaseline(Node):
    """What a force would pay without the pool: declared before the award, frozen by it."""

    method: BaselineMethod = column(rows.SavingsBaseline.method)
    unit_price_pence: Pence = column(
        rows.SavingsBaseline.unit_price_pence, "In the pool's unit and interval, without VAT."
    )
    evidence: str = column(rows.SavingsBaseline.evidence, "Where the price can be checked.")
    declared_at: datetime = column(rows.SavingsBaseline.declared_at)
    declared_by: str | None = column(lambda row: name_of(row.declared_by_id))
    pool_number: int = column(_of_pool("id"), "As in the pool's address.")
    pool_title: str = column(_of_pool("title"))
    force: Force | None = one(lambda row, force: force.id == row.force_id)


@node(rows.SupplierTransaction, policy.transaction_visible, name="SupplierTransaction")
class SupplierTransaction(Node):
    """What the supplier's books say that a force paid on a call-off."""

    reference: str = column(rows.SupplierTransaction.reference)
    invoiced_on: date = column(rows.SupplierTransaction.invoiced_on)
    amount_pence: Pence = column(
        rows.SupplierTransaction.amount_pence, "Without VAT; a credit note is below zero."
    )
    reported_at: datetime = column(rows.SupplierTransaction.created_at)
    pool_title: str = column(_pool_of_call_off("title"))
    call_off_number: int = column(_of_call_off("number"), "Counts the pool's call-offs.")
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    supplier: Supplier | None = one(lambda row, other: other.id == row.supplier_id)


@node(rows.Saving, policy.visible, name="Saving")
class Saving(Node):
    """One line of the ledger. Sums are of the whole term, without VAT: net is the value, less what
    was paid, put into use and will be paid to leave."""

    number: int = column(rows.Saving.id, "As in the page's address.")
    saving_class: SavingsClass = column(rows.Saving.saving_class)
    driver: SavingsDriver = column(rows.Saving.driver)
    occurrence: Occurrence = column(rows.Saving.occurrence)
    deferred_spend: bool = column(rows.Saving.deferred_spend)
    inflation_basis_points: int = column(
        rows.Saving.inflation_basis_points,
        "Counterfactual inflation on the baseline, in hundredths of a per cent.",
    )
    inflation_approved: bool = column(rows.Saving.inflation_approved)
    value_pence: Pence = column(
        rows.Saving.value_pence, "What the same would have cost, or what it is worth."
    )
    paid_pence: Pence = column(rows.Saving.paid_pence)
    implementation_pence: Pence = column(rows.Saving.implementation_pence)
    exit_pence: Pence = column(rows.Saving.exit_pence)
    net_pence: Pence = column(rows.Saving.net_pence)
    evidence: str = column(rows.Saving.evidence)
    state: SavingState = column(rows.Saving.state)
    entered_at: datetime = column(rows.Saving.created_at)
    entered_by: str | None = column(lambda row: name_of(row.entered_by_id))
    mine: bool = column(
        lambda row, viewer: func.coalesce(viewer.is_person(row.entered_by_id), False),
        "Whether the viewer entered it.",
    )
    signed_at: datetime | None = column(rows.Saving.signed_at)
    signed_by: str | None = column(lambda row: name_of(row.signed_by_id))
    closing_reason: str | None = column(rows.Saving.closing_reason)
    demonstration: bool = column(rows.Saving.demonstration)
    revision: int = column(rows.Saving.revision, "Send it back with a step.")
    pool_number: int = column(_pool_of_call_off("id"))
    pool_title: str = column(_pool_of_call_off("title"))
    call_off_number: int = column(_of_call_off("number"), "Counts the pool's call-offs.")
    quantity: int = column(_of_call_off("quantity"), "Of the call-off.")
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    baseline: SavingsBaseline | None = one(lambda row, other: other.id == row.baseline_id)


@node(totals.SavedByForce, policy.total_visible, name="SavedByForce")
class SavedByForce:
    """The signed savings of one force in one class."""

    saving_class: SavingsClass = column(lambda row: row.saving_class)
    entries: int = column(lambda row: row.entries)
    one_off_pence: Pence = column(lambda row: row.one_off_pence)
    recurring_pence: Pence = column(lambda row: row.recurring_pence)
    net_pence: Pence = column(lambda row: row.net_pence)
    force: Force | None = one(lambda row, force: force.id == row.force_id)


@node(totals.SavedByClass, policy.total_visible, name="SavedByClass")
class SavedByClass:
    """The signed savings of all forces in one class. There is no sum over classes."""

    saving_class: SavingsClass = column(lambda row: row.saving_class)
    entries: int = column(lambda row: row.entries)
    forces: int = column(lambda row: row.forces)
    one_off_pence: Pence = column(lambda row: row.one_off_pence)
    recurring_pence: Pence = column(lambda row: row.recurring_pence)
    net_pence: Pence = column(lambda row: row.net_pence)


@node(totals.SpentByForce, policy.total_visible, name="SpentByForce")
class SpentByForce:
    """What a force called off, and what of it was paid."""

    call_offs: int = column(lambda row: row.call_offs)
    due_pence: Pence = column(lambda row: row.due_pence, "As invoiced at the call-off.")
    paid_pence: Pence = column(lambda row: row.paid_pence, "As far as it is recorded.")
    force: Force | None = one(lambda row, force: force.id == row.force_id)


@strawberry.input
class TransactionFilter:
    pool: strawberry.ID | None = where(
        lambda row, value: _in_pool(row, value), "Of this pool's call-offs.", id_of="Pool"
    )


def _in_pool(row: Any, pool_id: Any) -> Any:
    order = aliased(CallOff)
    return (
        select(order.id)
        .where(order.id == row.call_off_id, order.pool_id == pool_id)
        .correlate_except(order)
        .exists()
    )


@strawberry.input
class SavingFilter:
    state: list[SavingState] | None = where(lambda row, value: among(row.state, value))
    saving_class: list[SavingsClass] | None = where(
        lambda row, value: among(row.saving_class, value)
    )
    force: list[str] | None = where(
        lambda row, value: row.force_id.in_(by_slugs(value)), "Slugs of forces."
    )


SavingConnection = Connection[Saving]
