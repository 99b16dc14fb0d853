"""The force's finance lead signs: a chief officer, and never the person who entered it."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.step_up import require_recent_proof
from innohub.market.savings.commands import ReverseSaving, SendBackSaving, SignSaving
from innohub.market.savings.loading import held, paid_by_the_supplier, purchase
from innohub.market.savings.models import OF_PRICE, SAVING, Saving
from innohub.market.savings.rules import SavingsRule
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person
from innohub.outbox.service import record


async def sign(work: UnitOfWork, actor: Actor, command: SignSaving) -> Saving:
    """Sign for a saving: from now on it counts.

    Raises StepUpRequired, NotFound, Denied without `savings:sign` in the force or to whoever
    entered it, Invalid where inflation is not approved, WrongState where the supplier's books do
    not bear out what was paid.
    """
    saving = await held(work, actor, command.saving_id, command.revision)
    actor.require(Permission.SAVINGS_SIGN, saving.force_id)
    require_recent_proof(actor, work.now)
    if saving.entered_by_id == actor.person_id:
        raise Denied(
            "You entered this saving: somebody else has to sign for it.",
            rule=SavingsRule.ANOTHER_SIGNS,
        )
    signed = SAVING.after("sign", saving.state)
    if saving.inflation_basis_points and not command.approve_inflation:
        raise Invalid(
            "The baseline was inflated. Approve that as well, or send the saving back.",
            field="approve_inflation",
            rule=SavingsRule.INFLATION_APPROVED,
        )
    if saving.saving_class in OF_PRICE:
        await _require_borne_out(work, saving)
    saving.state = signed
    saving.inflation_approved = bool(saving.inflation_basis_points)
    saving.signed_by_id, saving.signed_at = actor.person_id, work.now
    detail = {"class": saving.saving_class, "net_pence": saving.net_pence}
    await record(work, "saving:sign", saving, detail=detail)
    await _tell(work, saving, "is signed, and counts.")
    return saving


async def send_back(work: UnitOfWork, actor: Actor, command: SendBackSaving) -> Saving:
    """Refuse to sign. Raises NotFound, Denied, WrongState."""
    saving = await held(work, actor, command.saving_id, command.revision)
    actor.require(Permission.SAVINGS_SIGN, saving.force_id)
    saving.state = SAVING.after("send_back", saving.state)
    saving.closing_reason = command.reason
    await record(work, "saving:send_back", saving, reason=command.reason)
    await _tell(work, saving, "is sent back to you.")
    return saving


async def reverse(work: UnitOfWork, actor: Actor, command: ReverseSaving) -> Saving:
    """Take a signature back. Who signed and when stays. Raises NotFound, Denied, WrongState."""
    saving = await held(work, actor, command.saving_id, command.revision)
    actor.require(Permission.SAVINGS_SIGN, saving.force_id)
    saving.state = SAVING.after("reverse", saving.state)
    saving.closing_reason = command.reason
    await record(work, "saving:reverse", saving, reason=command.reason)
    await _tell(work, saving, "counts no longer: its signature was taken back.")
    return saving


async def _require_borne_out(work: UnitOfWork, saving: Saving) -> None:
    bought = await purchase(work, saving.call_off_id)
    told, paid = await paid_by_the_supplier(work, saving.call_off_id), bought.call_off.paid_pence
    if told is None or told != saving.paid_pence or paid != saving.paid_pence:
        raise WrongState(
            "The supplier's transaction data must show what your force says that it paid: "
            f"£{saving.paid_pence / 100:,.2f}. "
            + ("It shows nothing yet." if told is None else f"It shows £{told / 100:,.2f}."),
            rule=SavingsRule.SUPPLIER_EVIDENCE,
        )


async def _tell(work: UnitOfWork, saving: Saving, what: str) -> None:
    await notify_person(
        work,
        kind=NoticeKind.POOL,
        person_id=saving.entered_by_id,
        text=f"The saving that you entered {what}",
        path=f"/savings/{saving.id}",
        key=f"saving:{saving.id}:{saving.state}",
    )
