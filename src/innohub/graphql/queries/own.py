"""The viewer's own: what waits for them, their systems, their account."""

import strawberry

from innohub.graphql.read.declare import Connection, Term, oldest, one, paged
from innohub.graphql.types.account import Account
from innohub.graphql.types.calendar import CalendarFeed
from innohub.graphql.types.clients import ApiClient
from innohub.graphql.types.decisions import (
    Decision,
    DecisionConnection,
    DecisionDelegation,
    DecisionDone,
    DecisionFilter,
    ranked,
)
from innohub.graphql.types.event_types import event_types_of
from innohub.graphql.types.events import EventConnection, EventFilter, in_order
from innohub.graphql.types.imports import CatalogueImport
from innohub.graphql.types.integrations import Delivery, Integration
from innohub.graphql.types.mappings import mapping_preview_of
from innohub.graphql.types.mergers import merger_preview_of
from innohub.graphql.types.notices import NoticeConnection, NoticeFilter
from innohub.graphql.types.preferences import NoticePreferences
from innohub.market.decisions import done
from innohub.market.decisions.policy import counts
from innohub.market.london import today_in_london


@strawberry.type
class OwnQueries:
    decisions: DecisionConnection = paged(
        None,
        "What waits for the viewer to decide, in their force's leadership or in its place: what is "
        "due first; of one day, the most money.",
        filter=DecisionFilter,
        order=ranked,
    )
    decision: Decision | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    delegations: Connection[DecisionDelegation] = paged(
        lambda _, row: counts(row, today_in_london()),
        "Decisions that are passed on now, by the viewer or their force's leadership, or to them.",
        order=lambda row, given: [Term(row.until), Term(row.id, unique=True)],
    )
    decisions_done: Connection[DecisionDone] = paged(
        lambda _, row: done.lately(row),
        "What the viewer's force decided in the last 30 days, the newest first.",
        order=lambda row, given: [Term(row.at, descending=True), Term(row.id, unique=True)],
    )
    integrations: Connection[Integration] = paged(
        None,
        "The viewer's own.",
        order=oldest,
    )
    integration: Integration | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    delivery: Delivery | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    mapping_preview = strawberry.field(
        mapping_preview_of,
        description="The newest events that a connection would get, as they would arrive: with the "
        "fields given here, or with those that count now.",
    )
    merger_preview = strawberry.field(
        merger_preview_of,
        description="What would go over, were one organisation to become part of another, and what "
        "is in the way; for who runs the hub.",
    )
    catalogue_imports: Connection[CatalogueImport] = paged(None, "The viewer's own.")
    catalogue_import: CatalogueImport | None = one(
        lambda _, row, id: row.id == id, id=strawberry.ID
    )
    events: EventConnection = paged(
        lambda _, row: row.position.is_not(None),
        "What happened to the viewer's own technologies and pilots, the oldest first: for systems "
        "that fetch, and to catch up with a subscription. Nothing is ever added before a cursor.",
        filter=EventFilter,
        order=in_order,
    )
    event_types = strawberry.field(
        event_types_of,
        description="Every type of event there is, with the JSON Schema of its payload and an "
        "example; `/events.json` has all of them as one document.",
    )
    api_clients: Connection[ApiClient] = paged(
        None,
        "The programs of the viewer's organisation, those that ended last.",
        order=lambda row, given: [
            Term(row.revoked_at.is_not(None)),
            Term(row.created_at, descending=True),
        ],
    )
    account: Account | None = one(
        lambda _, row: row.id > 0, "How the viewer signs in, and where they are signed in."
    )
    calendar_feed: CalendarFeed | None = one(
        lambda _, row: row.id > 0, "The viewer's own private calendar address, if there is one."
    )
    notices: NoticeConnection = paged(
        None,
        "What the viewer was told in person, the newest first; how many are unread: "
        "`notices(filter: {unread: true}) { totalCount }`.",
        filter=NoticeFilter,
    )
    notice_preferences: NoticePreferences | None = one(
        lambda _, row: row.id > 0, "How the viewer is told of things."
    )
