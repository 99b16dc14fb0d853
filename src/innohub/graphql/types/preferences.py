"""What the viewer is told, and how."""

import strawberry

from innohub.graphql.read.declare import Node, column, many, node
from innohub.identity.models import Person
from innohub.notices import policy, preferences
from innohub.notices.models import Cadence, Channel, NoticeKind
from innohub.notices.models import NoticePreference as Rows

strawberry.enum(Cadence)
strawberry.enum(Channel)


@node(Rows, policy.visible, name="NoticePreference")
class NoticePreference(Node):
    """How the viewer chose to be told of one kind of thing."""

    kind: NoticeKind = column(Rows.kind)
    channel: Channel = column(Rows.channel)


@node(Person, preferences.own, name="NoticePreferences")
class NoticePreferences(Node):
    """How the viewer is told of things: what they chose, or the quiet default."""

    cadence: Cadence = column(
        lambda row: preferences.cadence_for(row),
        "How often a digest comes by e-mail. By default weekly to chief officers, never to others.",
    )
    choices: list[NoticePreference] = many(
        lambda row, choice: choice.person_id == row.id,
        lambda choice: [choice.id],
        "One for each kind.",
        "Of the kinds that the viewer chose about; the others come in the inbox only.",
    )
