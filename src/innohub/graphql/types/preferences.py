"""What the viewer is told, and how."""

import strawberry

from innohub.graphql.read.declare import Node, column, node
from innohub.identity.models import Person
from innohub.notices import preferences
from innohub.notices.models import Cadence

strawberry.enum(Cadence)


@node(Person, preferences.own, name="NoticePreferences")
class NoticePreferences(Node):
    """How the viewer is told of things: what they chose, or the quiet default."""

    cadence: Cadence = column(
        lambda row: preferences.cadence_for(row),
        "How often a digest comes by e-mail. By default weekly to chief officers, never to others.",
    )
