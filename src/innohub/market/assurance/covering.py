"""What a force need not assess again, because it accepted what was verified for all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import ReferenceValue
from innohub.market.assurance import requirements
from innohub.market.assurance.models import (
    REUSED,
    AssuranceItem,
    AssuranceResponse,
    PassportResponse,
)
from innohub.market.reference_lists import in_force


@dataclass(frozen=True)
class Coverage:
    """How one type of assurance stands for one force."""

    type: str
    item_id: int
    """The verified item that is in force."""
    response: PassportResponse | None
    """The force's latest answer to it; None where it has not answered."""

    @property
    def accepted(self) -> bool:
        """Whether the force accepted it, as it is or with an addendum of its own."""
        return self.response in REUSED


@dataclass(frozen=True)
class Gate:
    """A reviewer of the force, as College guidance names them, before a pilot."""

    id: str
    """An id of the reference list `assurance_gate`: a kind of reviewer."""
    label: str
    accepts: tuple[str, ...]
    """Types of which one accepted item is enough."""
    covered_by: Coverage | None
    """What the force accepted in the place of an assessment of its own; None where this reviewer
    has to assess."""
    verified: tuple[str, ...] = ()
    """Of the types it accepts, those of which something is verified and in force, whatever the
    force has answered."""

    @property
    def covered(self) -> bool:
        return self.covered_by is not None


async def covered(work: UnitOfWork, technology_id: int, force_id: int) -> dict[str, Coverage]:
    """By type: what is verified and in force for a technology, and this force's answer to it. Types
    of which nothing is verified are left out. Of several items, one that the force accepted."""
    types = await in_force(work, requirements.LIST)
    found: dict[str, Coverage] = {}
    for held in await _verified(work, technology_id, force_id):
        for type_id in _covers(types, held.type):
            best = found.get(type_id)
            if best is None or (held.accepted and not best.accepted):
                found[type_id] = held
    return found


async def gates(work: UnitOfWork, technology_id: int, force_id: int) -> list[Gate]:
    """Every reviewer that a force has before a pilot, each with what stands in for their own
    assessment, if anything does."""
    held = await covered(work, technology_id, force_id)
    return [_gate(value, held) for value in await in_force(work, "assurance_gate")]


async def missing(work: UnitOfWork, technology_id: int, force_id: int) -> list[Gate]:
    """The reviewers who still have to assess: those whom the passport does not cover."""
    return [gate for gate in await gates(work, technology_id, force_id) if not gate.covered]


def _gate(value: ReferenceValue, held: Mapping[str, Coverage]) -> Gate:
    accepts = tuple(value.detail.get("covered_by", ()))
    accepted = (held[type_] for type_ in accepts if type_ in held and held[type_].accepted)
    verified = tuple(type_ for type_ in accepts if type_ in held)
    return Gate(value.id, value.label, accepts, next(accepted, None), verified)


def _covers(types: Sequence[ReferenceValue], type_id: str) -> Iterable[str]:
    included = (t.detail.get("includes", []) for t in types if t.id == type_id)
    return [type_id, *next(included, [])]


async def _verified(work: UnitOfWork, technology_id: int, force_id: int) -> list[Coverage]:
    item, answer = AssuranceItem, AssuranceResponse
    await work.session.flush()
    rows = await work.session.execute(
        select(item.type, item.id, answer.response)
        .outerjoin(
            answer,
            and_(answer.item_id == item.id, answer.force_id == force_id, answer.latest),
        )
        .where(item.technology_id == technology_id, *requirements.in_force(work))  # type: ignore[arg-type]
        .order_by(item.id.desc())
    )
    return [Coverage(type_, id_, response) for type_, id_, response in rows]
