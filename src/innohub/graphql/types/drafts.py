"""What a supplier writes for the next version of a listing."""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import case

from innohub.graphql.read.declare import Follows, Node, Row, column, many, node, part
from innohub.graphql.types.scalars import Pence
from innohub.market.catalogue import models as rows
from innohub.market.catalogue import policy
from innohub.market.catalogue.models import Section

strawberry.enum(Section, name="SectionName")


@strawberry.type(description="The price band in a draft.")
class DraftPrice:
    from_pence: Pence = column(rows.ListingDraft.price_from_pence)
    to_pence: Pence = column(rows.ListingDraft.price_to_pence)
    unit: str = column(rows.ListingDraft.price_unit)
    interval: str = column(rows.ListingDraft.price_interval)


def section_order(section: Row) -> Any:
    places = {name.value: place for place, name in enumerate(rows.Section)}
    return case(places, value=section.section)


@node(
    rows.DraftSection,
    policy.draft_section_visible,
    name="DraftSection",
    follows=Follows(rows.ListingDraft, "draft_id"),
)
class DraftSection:
    section: Section = column(rows.DraftSection.section)
    body: str = column(rows.DraftSection.body)
    revision: int = column(rows.DraftSection.revision, "Send it back with `writeSection`.")
    by_name: str = column(rows.DraftSection.by_name, "Who wrote it last.")
    updated_at: datetime = column(rows.DraftSection.updated_at)


@node(rows.ListingDraft, policy.draft_visible, name="ListingDraft")
class ListingDraft(Node):
    """The facts and sections of the next version, and what it still lacks."""

    name: str = column(rows.ListingDraft.name)
    summary: str = column(rows.ListingDraft.summary)
    category: str = column(rows.ListingDraft.category)
    trl: int = column(rows.ListingDraft.trl)
    trl_evidence: str | None = column(rows.ListingDraft.trl_evidence)
    capabilities: list[str] = column(rows.ListingDraft.capabilities)
    research_lines: list[str] = column(rows.ListingDraft.research_lines)
    integrations: list[str] = column(rows.ListingDraft.integrations)
    hosting: list[str] = column(rows.ListingDraft.hosting)
    data_kinds: list[str] = column(rows.ListingDraft.data_kinds)
    ai_role: str | None = column(rows.ListingDraft.ai_role)
    price: DraftPrice | None = part(lambda row: row.price_from_pence.is_not(None))
    sections: list[DraftSection] = many(
        lambda row, section: section.draft_id == row.id,
        lambda section: [section_order(section)],
        "One for each heading.",
    )
    missing: list[str] = column(
        rows.ListingDraft.missing, "The parts without which it cannot be submitted."
    )
    worth_adding: list[str] = column(
        rows.ListingDraft.worth_adding, "The parts that forces look for, and that are empty."
    )
    required: int = column(rows.ListingDraft.required, "How many parts must be filled in, in all.")
    facts_revision: int = column(
        rows.ListingDraft.facts_revision, "Send it back with `editTechnology`."
    )
    revision: int = column(rows.ListingDraft.revision, "Send it back with `submitTechnology`.")
    touched_at: datetime = column(rows.ListingDraft.touched_at)
