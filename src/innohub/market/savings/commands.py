"""What forces and suppliers do with the ledger. Sums are whole pence, without VAT."""

from datetime import date
from typing import Annotated

from pydantic import Field

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Money, Prose, Reason
from innohub.market.savings.models import BaselineMethod, Occurrence, SavingsClass, SavingsDriver

CallOffId = Annotated[int, IdOf("CallOff")]
UnitPrice = Annotated[int, Field(ge=0, le=10**9)]


class DeclareBaseline(Command):
    """Say, before the award, what your force would pay for the same item without the pool. Until
    the award it may be declared anew. `force_id` is needed only by somebody who acts for several
    forces."""

    pool_id: Annotated[int, IdOf("Pool")]
    force_id: Annotated[int, IdOf("Force")] | None = None
    method: BaselineMethod
    unit_price_pence: UnitPrice
    """In the pool's unit and interval."""
    evidence: Prose
    """Where the price can be checked."""


class ReportTransaction(Command):
    """Say what your books show for a call-off: an invoice, or below zero a credit note."""

    call_off_id: CallOffId
    reference: Line
    invoiced_on: date
    amount_pence: Annotated[int, Field(ge=-(10**12), le=10**12)]


class EnterSaving(Command):
    """Enter a saving of a call-off. Cashable savings and avoided cost are reckoned from the
    baseline and what was paid; of the other classes say the value, with its evidence."""

    call_off_id: CallOffId
    saving_class: SavingsClass
    driver: SavingsDriver
    occurrence: Occurrence
    deferred_spend: bool = False
    """The spend was only put off to later."""
    value_pence: Money | None = None
    """What it is worth, of a class that is not reckoned from prices."""
    implementation_pence: Money = 0
    """What it took to put it into use, beside set-up and training."""
    inflation_basis_points: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Counterfactual inflation on the baseline, in hundredths of a per cent; whoever signs has to
    approve it."""
    evidence: Prose


class SavingCommand(Command):
    """The base of every step of a saving. `revision` is what the person saw."""

    saving_id: Annotated[int, IdOf("Saving")]
    revision: int | None = None


class WithdrawSaving(SavingCommand):
    """Take back what is not signed."""

    reason: Reason


class SignSaving(SavingCommand):
    """Sign for a saving as the force's finance lead. Somebody else entered it."""

    approve_inflation: bool = False


class SendBackSaving(SavingCommand):
    """Refuse to sign, with the reason."""

    reason: Reason


class ReverseSaving(SavingCommand):
    """Take a signature back: the saving counts no longer."""

    reason: Reason
