"""A force's commercial people enter savings, and take back what is not signed."""

from sqlalchemy import exists, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Role
from innohub.identity.permissions import Permission
from innohub.market.savings import baselines
from innohub.market.savings.commands import EnterSaving, WithdrawSaving
from innohub.market.savings.loading import Purchase, held, purchase
from innohub.market.savings.models import (
    OF_PRICE,
    SAVING,
    STANDING,
    BaselineMethod,
    Occurrence,
    Saving,
    SavingsBaseline,
    SavingsClass,
    SavingState,
)
from innohub.market.savings.rules import SavingsRule
from innohub.market.savings.sums import Parts, of_price
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify
from innohub.outbox.service import record

KEPT = {
    "saving_class", "driver", "occurrence", "deferred_spend", "inflation_basis_points",
    "evidence",
}  # fmt: skip


async def enter(work: UnitOfWork, actor: Actor, command: EnterSaving) -> Saving:
    """Enter a saving of the force's own call-off, for its finance lead to sign.

    Raises NotFound, Denied without `savings:enter` in the force that bought, Invalid and WrongState
    by the name of the rule that is broken, Conflict where the difference in price is claimed
    already.
    """
    bought = await purchase(work, command.call_off_id)
    force_id = bought.call_off.force_id
    actor.require(Permission.SAVINGS_ENTER, force_id)
    baseline = await baselines.of_force(work, bought.pool.id, force_id)
    if baseline is None:
        raise WrongState(
            "Your force declared no baseline before the award: there is nothing to compare with.",
            rule=SavingsRule.BASELINE_DECLARED,
        )
    _require_fit(command, baseline)
    if command.saving_class in OF_PRICE:
        await _require_unclaimed(work, bought)
    parts = _parts(command, bought, baseline)
    assert actor.person_id is not None
    saving = Saving(
        **command.model_dump(include=KEPT),
        call_off_id=bought.call_off.id,
        baseline_id=baseline.id,
        force_id=force_id,
        inflation_approved=False,
        value_pence=parts.value,
        paid_pence=parts.paid,
        implementation_pence=parts.implementation,
        exit_pence=parts.exit,
        net_pence=parts.net,
        state=SavingState.ENTERED,
        entered_by_id=actor.person_id,
        demonstration=bought.pool.demonstration,
        created_at=work.now,
    )
    work.session.add(saving)
    detail = {"class": command.saving_class, "net_pence": parts.net}
    await record(work, "saving:enter", saving, detail=detail)
    await notify(
        work,
        kind=NoticeKind.POOL,
        organisation_id=force_id,
        roles=[Role.FORCE_CHIEF_OFFICER],
        text=f"A saving from {bought.pool.title} waits for your signature.",
        path=f"/savings/{saving.id}",
        key=f"saving:{saving.id}:entered",
        but=actor.person_id,
    )
    return saving


async def withdraw(work: UnitOfWork, actor: Actor, command: WithdrawSaving) -> Saving:
    """Take back what is not signed. Raises NotFound, Denied, WrongState."""
    saving = await held(work, actor, command.saving_id, command.revision)
    actor.require(Permission.SAVINGS_ENTER, saving.force_id)
    saving.state = SAVING.after("withdraw", saving.state)
    saving.closing_reason = command.reason
    await record(work, "saving:withdraw", saving, reason=command.reason)
    return saving


def _require_fit(command: EnterSaving, baseline: SavingsBaseline) -> None:
    of_price = command.saving_class in OF_PRICE
    cashable = command.saving_class is SavingsClass.CASHABLE
    if cashable and baseline.method is not BaselineMethod.PREVIOUS_PRICE:
        raise Invalid(
            "Money is released only against the price that your force paid for the same item. "
            "Against another baseline a cost is avoided.",
            field="saving_class",
            rule=SavingsRule.BASELINE_IS_PRICE_PAID,
        )
    if of_price and command.value_pence is not None:
        raise Invalid(
            "A saving of this class is reckoned from prices: say no value.",
            field="value_pence",
            rule=SavingsRule.VALUE_OF_ITS_CLASS,
        )
    if not of_price and (command.value_pence is None or command.inflation_basis_points):
        raise Invalid(
            "Say what a saving of this class is worth, without inflation.",
            field="value_pence",
            rule=SavingsRule.VALUE_OF_ITS_CLASS,
        )
    if command.occurrence is Occurrence.ONE_OFF and command.deferred_spend:
        raise Invalid(
            "Spend that is only put off is no one-off saving.",
            field="deferred_spend",
            rule=SavingsRule.NOT_DEFERRED,
        )


async def _require_unclaimed(work: UnitOfWork, bought: Purchase) -> None:
    claimed = exists().where(
        Saving.call_off_id == bought.call_off.id,
        Saving.saving_class.in_(OF_PRICE),
        Saving.state.in_(STANDING),
    )
    if await work.session.scalar(select(claimed)):
        raise Conflict(
            "The difference in price of this call-off is claimed already: it counts once.",
            rule=SavingsRule.PRICE_CLAIMED_ONCE,
        )
    if bought.call_off.paid_pence is None:
        raise WrongState(
            "Record first what your force paid on this call-off.",
            rule=SavingsRule.PRICE_PAID_RECORDED,
        )


def _parts(command: EnterSaving, bought: Purchase, baseline: SavingsBaseline) -> Parts:
    if command.saving_class not in OF_PRICE:
        return Parts(command.value_pence or 0, 0, command.implementation_pence, 0)
    assert bought.call_off.paid_pence is not None
    return of_price(
        unit_price=baseline.unit_price_pence,
        quantity=bought.call_off.quantity,
        intervals=bought.quote.intervals,
        paid=bought.call_off.paid_pence,
        implementation=command.implementation_pence,
        exit=bought.quote.exit_pence if bought.first else 0,
        basis_points=command.inflation_basis_points,
    )
