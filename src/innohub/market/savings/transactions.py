"""A supplier says what its books show, as evidence for what forces claim."""

from sqlalchemy import exists, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.savings.commands import ReportTransaction
from innohub.market.savings.loading import purchase
from innohub.market.savings.models import Saving, SavingState, SupplierTransaction
from innohub.market.savings.rules import SavingsRule
from innohub.outbox.service import record


async def report(work: UnitOfWork, actor: Actor, command: ReportTransaction) -> SupplierTransaction:
    """An invoice or a credit note of the call-off's own supplier.

    Raises NotFound, Denied without `quote:write` there, Conflict where the reference was reported
    before, WrongState once a saving is signed by what the books say.
    """
    bought = await purchase(work, command.call_off_id)
    actor.require(Permission.QUOTE_WRITE, bought.quote.supplier_id)
    here = SupplierTransaction.call_off_id == bought.call_off.id
    if await work.session.scalar(
        select(exists().where(here, SupplierTransaction.reference == command.reference))
    ):
        raise Conflict(f"{command.reference} was reported for this call-off before.")
    signed = exists().where(
        Saving.call_off_id == bought.call_off.id, Saving.state == SavingState.SIGNED
    )
    if await work.session.scalar(select(signed)):
        raise WrongState(
            "A saving is signed by what your books said. Ask the force to reverse it first.",
            rule=SavingsRule.BEFORE_SIGNATURE,
        )
    transaction = SupplierTransaction(
        call_off_id=bought.call_off.id,
        supplier_id=bought.quote.supplier_id,
        force_id=bought.call_off.force_id,
        reference=command.reference,
        invoiced_on=command.invoiced_on,
        amount_pence=command.amount_pence,
        created_at=work.now,
    )
    work.session.add(transaction)
    detail = {"call_off": bought.call_off.id, "amount_pence": command.amount_pence}
    await record(work, "supplier_transaction:report", transaction, detail=detail)
    return transaction
