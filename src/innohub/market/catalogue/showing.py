"""What everybody reads of a listing, made of a version's content: columns, rows, search text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Organisation
from innohub.market.catalogue.former_suppliers import named_before
from innohub.market.catalogue.models import (
    ListingSection,
    Section,
    Technology,
    TechnologyCapability,
)
from innohub.market.reference_lists import labels_of

PLAIN = ("name", "summary", "category", "trl", "trl_evidence", "ai_role")
LISTS = ("research_lines", "integrations", "hosting", "data_kinds")
SUMS = ("from_pence", "to_pence", "unit", "interval")


async def show(work: UnitOfWork, technology: Technology, content: Mapping[str, Any]) -> None:
    """Let the listing read as `content` says. Sections that stay as they are keep their date."""
    for name in PLAIN:
        setattr(technology, name, content.get(name))
    for name in LISTS:
        setattr(technology, name, list(content.get(name, [])))
    price = content.get("price") or {}
    for name in SUMS:
        setattr(technology, f"price_{name}", price.get(name))
    await _serve(work, technology, content["capabilities"])
    await _write(work, technology, content["sections"])
    technology.search_text = await _search_text(work, technology, content)


async def _serve(work: UnitOfWork, technology: Technology, capabilities: Iterable[str]) -> None:
    of = TechnologyCapability
    wanted = list(capabilities)
    mine = of.technology_id == technology.id
    await work.session.execute(delete(of).where(mine, of.capability.not_in(wanted)))
    rows = [{"technology_id": technology.id, "capability": id} for id in wanted]
    if rows:
        await work.session.execute(insert(of).on_conflict_do_nothing(), rows)


async def _write(work: UnitOfWork, technology: Technology, sections: Mapping[str, str]) -> None:
    of = ListingSection
    mine = of.technology_id == technology.id
    await work.session.execute(delete(of).where(mine, of.section.not_in(list(sections))))
    rows = [
        {
            "technology_id": technology.id,
            "section": section,
            "body": body,
            "created_at": work.now,
            "updated_at": work.now,
        }
        for section, body in sections.items()
    ]
    if rows:
        fresh = insert(of)
        changed = fresh.on_conflict_do_update(
            index_elements=[of.technology_id, of.section],
            set_={"body": fresh.excluded.body, "updated_at": fresh.excluded.updated_at},
            where=of.body != fresh.excluded.body,
        )
        await work.session.execute(changed, rows)


async def _search_text(work: UnitOfWork, technology: Technology, content: Mapping[str, Any]) -> str:
    """What is searched beside name and summary: sections, what it serves and works with, category,
    supplier."""
    texts = [content["sections"][name] for name in Section if name in content["sections"]]
    for list_, ids in (
        ("capability", content["capabilities"]),
        ("category", [content["category"]]),
        ("ari_service_line", content.get("research_lines", [])),
    ):
        texts += await labels_of(work, list_, ids)
    return "\n".join(
        [*texts, *content.get("integrations", []), *await _suppliers(work, technology)]
    )


async def _suppliers(work: UnitOfWork, technology: Technology) -> Sequence[str]:
    """The name of its supplier, and of those who listed it before: it is looked for by them too."""
    listed_by = or_(
        Organisation.id == technology.supplier_id,
        Organisation.id.in_(named_before(technology.id)),
    )
    found = select(Organisation.name).where(listed_by).order_by(Organisation.id)
    return (await work.session.scalars(found)).all()
