"""Savings that somebody of the force entered and that count once its leadership signs for them."""

from typing import Any

from sqlalchemy import Integer, Select, case, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.constants import said
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources.shape import Act, Given, Source, shaped
from innohub.market.demand.models import CallOff, Pool
from innohub.market.london import london_day
from innohub.market.savings import service as savings
from innohub.market.savings.commands import SendBackSaving, SignSaving
from innohub.market.savings.models import OF_PRICE, Saving, SavingState, SupplierTransaction

KIND, NUMBER, SECTION = DecisionKind.SIGN_SAVING, 7, DecisionSection.DECIDE
SIGN_WITHIN_DAYS = 28
"""Ours: the vocabulary names no time for the signature."""


def waiting() -> Select[Any]:
    saving, order, pool = aliased(Saving), aliased(CallOff), aliased(Pool)
    days = cast(literal_column(str(SIGN_WITHIN_DAYS)), Integer)
    inflated = case(
        (
            saving.inflation_basis_points > literal_column("0"),
            said(" Its baseline is inflated: signing approves that as well."),
        ),
        else_=said(""),
    )
    found: Select[Any] = (
        shaped(
            KIND, NUMBER, SECTION, saving.id,
            force_id=saving.force_id, saving_id=saving.id, revision=saving.revision,
            line=said("A saving by “") + pool.title + said("”"),
            ask=said("Sign for it as your force’s finance lead, or send it back.") + inflated,
            if_silent=said("It does not count among your force’s savings."),
            due_on=london_day(saving.created_at) + days,
            money_pence=saving.net_pence,
            evidence=_evidence(saving),
        )
        .select_from(saving)
        .join(order, order.id == saving.call_off_id)
        .join(pool, pool.id == order.pool_id)
        .where(saving.state == said(SavingState.ENTERED))
    )  # fmt: skip
    return found


def _evidence(saving: Any) -> Any:
    told = aliased(SupplierTransaction)
    books = (
        select(func.sum(told.amount_pence))
        .where(told.call_off_id == saving.call_off_id)
        .correlate_except(told)
        .scalar_subquery()
    )
    of_price = saving.saving_class.in_([said(each) for each in sorted(OF_PRICE)])
    return case(
        (~of_price, said("Valued by hand: read what it rests on")),
        (books == saving.paid_pence, said("The supplier’s books show the same sum as paid")),
        else_=said("The supplier’s books do not bear it out yet"),
    )


async def approve(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    # What is asked says that signing approves the inflation too.
    command = SignSaving(saving_id=row.saving_id, revision=given.revision, approve_inflation=True)
    return await savings.sign(work, actor, command)


async def decline(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = SendBackSaving(saving_id=row.saving_id, revision=given.revision, reason=given.reason)
    return await savings.send_back(work, actor, command)


SOURCE = Source(
    KIND,
    NUMBER,
    SECTION,
    Permission.SAVINGS_SIGN,
    waiting,
    Act(approve, "Sign for it"),
    Act(decline, "Send it back"),
    "saved",
)
