"""The assurance passport: items, and what each force makes of them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from sqlalchemy import Date, cast, exists, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    Term,
    among,
    column,
    many,
    node,
    oldest,
    one,
    paged,
    part,
    where,
)
from innohub.graphql.types.catalogue import OF_TECHNOLOGY, Technology
from innohub.graphql.types.documents import Document
from innohub.graphql.types.organisations import Force, by_slugs
from innohub.graphql.types.people import name_of
from innohub.graphql.types.reference import label_of, public
from innohub.identity.models import ReferenceValue
from innohub.market.assurance import models as rows
from innohub.market.assurance import policy
from innohub.market.assurance.models import (
    AssuranceStatus,
    Classification,
    PassportResponse,
    VerificationMethod,
)
from innohub.market.catalogue import models as catalogue
from innohub.market.documents.service import MAX_FILES

for _words in (AssuranceStatus, Classification, PassportResponse, VerificationMethod):
    strawberry.enum(_words)

Item = Annotated["AssuranceItem", strawberry.lazy("innohub.graphql.types.assurance")]


def _counted(key: str, response: PassportResponse) -> Callable[[Row], Any]:
    """The forces whose latest answer is this one, over the rows whose `key` is the parent's id."""

    def count(row: Row) -> Any:
        answer = aliased(rows.AssuranceResponse)
        return (
            select(func.count())
            .where(getattr(answer, key) == row.id, answer.latest, answer.response == response)
            .correlate_except(answer)
            .scalar_subquery()
        )

    return count


_AS_IS, _ADDENDUM, _LOCAL, _REJECTED = PassportResponse


@strawberry.type(description="What the forces make of one item, each counted by its latest answer.")
class AssuranceAnswers:
    accepted_as_is: int = column(_counted("item_id", _AS_IS))
    accepted_with_local_addendum: int = column(_counted("item_id", _ADDENDUM))
    needs_local_assessment: int = column(_counted("item_id", _LOCAL))
    rejected: int = column(_counted("item_id", _REJECTED))


@strawberry.type(
    description="The same over all items of a technology: how often an assessment was used again "
    "(the first two) instead of done again (the third)."
)
class PassportAnswers:
    accepted_as_is: int = column(_counted("technology_id", _AS_IS))
    accepted_with_local_addendum: int = column(_counted("technology_id", _ADDENDUM))
    needs_local_assessment: int = column(_counted("technology_id", _LOCAL))
    rejected: int = column(_counted("technology_id", _REJECTED))


@node(ReferenceValue, public, name="PassportCount")
class PassportCount:
    """How often forces gave one answer, over the whole market."""

    response: str = column(ReferenceValue.id)
    label: str = column(ReferenceValue.label)
    reused: bool = column(
        lambda row: func.coalesce(row.detail["reused"].as_boolean(), false()),
        "Whether the assessment was used again, not done again.",
    )
    count: int = column(lambda row: _given(row.id))


def _given(response: Any) -> Any:
    answer = aliased(rows.AssuranceResponse)
    return (
        select(func.count())
        .where(answer.response == response, answer.latest)
        .correlate_except(answer)
        .scalar_subquery()
    )


@node(rows.AssuranceAddition, policy.answer_visible, name="AssuranceAddition")
class AssuranceAddition:
    """One part of what a force adds locally."""

    part: str = column(rows.AssuranceAddition.part)
    label: str = column(lambda row: label_of("dpia_addition", row.part))
    body: str = column(rows.AssuranceAddition.body)


@node(rows.AssuranceResponse, policy.answer_visible, name="AssuranceResponse")
class AssuranceResponse(Node):
    """One force's answer to one item. Only its latest counts."""

    response: PassportResponse = column(rows.AssuranceResponse.response)
    reason: str = column(rows.AssuranceResponse.reason)
    latest: bool = column(rows.AssuranceResponse.latest)
    answered_at: datetime = column(rows.AssuranceResponse.created_at)
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    item: Item | None = one(lambda row, item: item.id == row.item_id)
    additions: list[AssuranceAddition] = many(
        lambda row, addition: addition.response_id == row.id,
        lambda addition: [addition.part],
        "One for each part of the addendum.",
        "What the force adds: of a data protection assessment, the local part alone.",
    )


@node(rows.AssuranceItem, policy.visible, name="AssuranceItem", follows=OF_TECHNOLOGY)
class AssuranceItem(Node):
    """One assurance that the supplier holds, and whether the company verified it for all forces."""

    number: int = column(rows.AssuranceItem.id, "As in the page's address.")
    type: str = column(rows.AssuranceItem.type)
    label: str = column(lambda row: label_of("assurance_type", row.type))
    group: str | None = column(lambda row: _group(row.type), "Of the list `assurance_group`.")
    scope: str | None = column(rows.AssuranceItem.scope, "What it is about.")
    level: str | None = column(rows.AssuranceItem.level)
    issuer: str = column(rows.AssuranceItem.issuer)
    reference: str = column(rows.AssuranceItem.reference)
    issued_on: date = column(rows.AssuranceItem.issued_on)
    expires_on: date | None = column(rows.AssuranceItem.expires_on)
    classification: Classification = column(rows.AssuranceItem.classification)
    holder: str | None = column(
        rows.AssuranceItem.holder,
        "Who keeps what is marked SENSITIVE; for forces, the company and the supplier.",
        shown=policy.details_shown,
    )
    evidence: str | None = column(
        rows.AssuranceItem.evidence,
        "Where the evidence is; for forces, the company and the supplier.",
        shown=policy.details_shown,
    )
    documents: list[Document] = many(
        lambda row, document: document.assurance_item_id == row.id,
        lambda document: [document.id],
        f"At most {MAX_FILES}.",
        "Evidence that is held here; for forces, the company and the supplier.",
    )
    status: AssuranceStatus = column(rows.AssuranceItem.status)
    declared_at: datetime = column(rows.AssuranceItem.created_at)
    verified_at: datetime | None = column(rows.AssuranceItem.verified_at)
    verified_by: str | None = column(
        lambda row: name_of(row.verified_by_id),
        "The officer who judged it; for forces, the company and the supplier.",
        shown=policy.details_shown,
    )
    verification_method: VerificationMethod | None = column(rows.AssuranceItem.verification_method)
    judgement: str | None = column(
        rows.AssuranceItem.judgement,
        "What the officer saw, or why it was rejected; for forces, the company and the supplier.",
        shown=policy.details_shown,
    )
    required: bool = column(
        lambda row: _required(row),
        "Whether listings of this category must keep an item of the kind: when it expires without "
        "a verified renewal, the listing is suspended.",
    )
    revision: int = column(rows.AssuranceItem.revision, "Send it back with a judgement.")
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    renews: Item | None = one(lambda row, older: older.id == row.renews_id)
    renewals: Connection[Item] = paged(
        lambda row, newer: newer.renews_id == row.id,
        order=oldest,
    )
    answers: AssuranceAnswers = part()
    responses: list[AssuranceResponse] = many(
        lambda row, answer: (answer.item_id == row.id) & answer.latest,
        lambda answer: [answer.id.desc()],
        "Each force's latest answer.",
    )
    earlier_responses: Connection[AssuranceResponse] = paged(
        lambda row, answer: (answer.item_id == row.id) & ~answer.latest,
        "Answers that a later one replaced.",
    )


def _group(type_: Any) -> Any:
    value = aliased(ReferenceValue)
    return (
        select(value.detail["group"].astext)
        .where(value.list == "assurance_type", value.id == type_)
        .correlate_except(value)
        .scalar_subquery()
    )


def _required(row: Row) -> Any:
    """By the reference data: the item's own type, or one that it includes, is required."""
    needed, own, technology = (
        aliased(ReferenceValue), aliased(ReferenceValue), aliased(catalogue.Technology),
    )  # fmt: skip
    categories = needed.detail["required_for"]
    return (
        exists()
        .where(
            technology.id == row.technology_id,
            own.list == "assurance_type",
            own.id == row.type,
            needed.list == "assurance_type",
            or_(needed.id == own.id, own.detail["includes"].has_key(needed.id)),
            or_(categories.has_key(technology.category), categories.has_key("all")),
        )
        .correlate_except(needed, own, technology)
    )


@strawberry.input(description="Conditions are combined; each list means any of its values.")
class AssuranceFilter:
    status: list[AssuranceStatus] | None = where(lambda row, value: among(row.status, value))
    type: list[str] | None = where(lambda row, value: among(row.type, value))
    supplier: list[str] | None = where(
        lambda row, value: _of_suppliers(row, value), "Slugs of suppliers."
    )
    expires_by: date | None = where(lambda row, value: row.expires_on <= value)


def _of_suppliers(row: Row, slugs: Any) -> Any:
    technology = aliased(catalogue.Technology)
    return (
        exists()
        .where(
            technology.id == row.technology_id,
            technology.supplier_id.in_(by_slugs(slugs)),
        )
        .correlate_except(technology)
    )


@strawberry.enum
class AssuranceOrder(Enum):
    OLDEST = "oldest"
    EXPIRY = "expiry"


def _oldest(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.id, unique=True)]


def _expiry(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(func.coalesce(row.expires_on, cast(literal("9999-12-31"), Date)))]


ASSURANCE_ORDERS = {AssuranceOrder.OLDEST: _oldest, AssuranceOrder.EXPIRY: _expiry}
AssuranceItemConnection = Connection[AssuranceItem]
