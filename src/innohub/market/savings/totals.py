"""What the signed savings come to: always of one class. There is no sum over classes here, and no
row that a sum over classes could be read from by mistake: a class is part of every row's identity.
"""

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal_column, select
from sqlalchemy.orm import Mapped

from innohub.db.model import Model
from innohub.market.demand.models import CallOff
from innohub.market.savings.models import Occurrence, Saving, SavingsClass

SIGNED = Saving.state == literal_column("'signed'")


def _sum(occurrence: Occurrence) -> ColumnElement[int]:
    only = Saving.occurrence == literal_column(f"'{occurrence}'")
    return cast(func.coalesce(func.sum(Saving.net_pence).filter(only), 0), BigInteger)


BY_FORCE = (
    select(
        Saving.force_id.label("force_id"),
        Saving.saving_class.label("saving_class"),
        cast(func.count(), BigInteger).label("entries"),
        _sum(Occurrence.ONE_OFF).label("one_off_pence"),
        _sum(Occurrence.RECURRING).label("recurring_pence"),
        cast(func.sum(Saving.net_pence), BigInteger).label("net_pence"),
    )
    .where(SIGNED)
    .group_by(Saving.force_id, Saving.saving_class)
    .subquery("saved_by_force")
)
BY_CLASS = (
    select(
        Saving.saving_class.label("saving_class"),
        cast(func.count(), BigInteger).label("entries"),
        cast(func.count(Saving.force_id.distinct()), BigInteger).label("forces"),
        _sum(Occurrence.ONE_OFF).label("one_off_pence"),
        _sum(Occurrence.RECURRING).label("recurring_pence"),
        cast(func.sum(Saving.net_pence), BigInteger).label("net_pence"),
    )
    .where(SIGNED)
    .group_by(Saving.saving_class)
    .subquery("saved_by_class")
)
SPEND = (
    select(
        CallOff.force_id.label("force_id"),
        cast(func.count(), BigInteger).label("call_offs"),
        cast(func.sum(CallOff.due_pence + CallOff.once_pence), BigInteger).label("due_pence"),
        cast(func.coalesce(func.sum(CallOff.paid_pence), 0), BigInteger).label("paid_pence"),
    )
    .group_by(CallOff.force_id)
    .subquery("spent_by_force")
)


class SavedByForce(Model):
    """The signed savings of one force in one class. Not stored."""

    __table__ = BY_FORCE
    __mapper_args__ = {"primary_key": [BY_FORCE.c.force_id, BY_FORCE.c.saving_class]}

    force_id: Mapped[int]
    saving_class: Mapped[SavingsClass]
    entries: Mapped[int]
    one_off_pence: Mapped[int]
    recurring_pence: Mapped[int]
    net_pence: Mapped[int]


class SavedByClass(Model):
    """The signed savings of all forces in one class. Not stored."""

    __table__ = BY_CLASS
    __mapper_args__ = {"primary_key": [BY_CLASS.c.saving_class]}

    saving_class: Mapped[SavingsClass]
    entries: Mapped[int]
    forces: Mapped[int]
    one_off_pence: Mapped[int]
    recurring_pence: Mapped[int]
    net_pence: Mapped[int]


class SpentByForce(Model):
    """What a force called off, and what of it was paid. Not stored."""

    __table__ = SPEND
    __mapper_args__ = {"primary_key": [SPEND.c.force_id]}

    force_id: Mapped[int]
    call_offs: Mapped[int]
    due_pence: Mapped[int]
    paid_pence: Mapped[int]
