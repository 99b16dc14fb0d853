"""Under whose name a technology was listed before, where suppliers became one.

What is published about a technology was made under the name that counted then. A technology says
its supplier of today; whose it was at a moment of the past is found here.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from innohub.db.model import Entity
from innohub.db.unit_of_work import UnitOfWork


class FormerSupplier(Entity):
    """Whose a technology was until `created_at`. Its supplier has a successor since."""

    __tablename__ = "former_supplier"
    __table_args__ = (
        Index("ix_former_supplier_technology_id_created_at", "technology_id", "created_at"),
    )

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))


def supplier_then(technology_id: Any, moment: Any) -> Any:
    """As SQL: the id of the supplier that a technology was listed by at a moment, where that is
    another than today's; else null."""
    row = aliased(FormerSupplier)
    return (
        select(row.supplier_id)
        .where(row.technology_id == technology_id, row.created_at > moment)
        .order_by(row.created_at, row.id)
        .limit(1)
        .correlate_except(row)
        .scalar_subquery()
    )


async def supplier_at(work: UnitOfWork, technology_id: int, today_id: int, moment: datetime) -> int:
    """The id of the supplier that the technology was listed by at a moment; `today_id` where that
    is the same one."""
    then: int | None = await work.session.scalar(select(supplier_then(technology_id, moment)))
    return then or today_id


def named_before(technology_id: Any) -> Any:
    """As SQL: the ids of all who listed a technology before."""
    row = aliased(FormerSupplier)
    return select(row.supplier_id).where(row.technology_id == technology_id).correlate_except(row)
