"""Where every read begins."""

import strawberry

from innohub.graphql.queries.buying import BuyingQueries
from innohub.graphql.queries.catalogue import CatalogueQueries
from innohub.graphql.queries.own import OwnQueries
from innohub.graphql.queries.pilots import PilotQueries
from innohub.graphql.read.declare import Node, anything
from innohub.graphql.types.viewer import viewer


@strawberry.type
class Query(CatalogueQueries, PilotQueries, BuyingQueries, OwnQueries):
    viewer = strawberry.field(viewer, description="Who is asking, and what they may do.")
    node: Node | None = anything(many=False)
    nodes: list[Node | None] = anything(many=True)
