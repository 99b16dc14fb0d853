"""The schema, whole."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from innohub.graphql.execution import Executor
from innohub.graphql.mutations.account import AccountMutations
from innohub.graphql.mutations.assurance import AssuranceMutations
from innohub.graphql.mutations.board import BoardMutations
from innohub.graphql.mutations.calendar import CalendarMutations
from innohub.graphql.mutations.catalogue import CatalogueMutations
from innohub.graphql.mutations.challenges import ChallengeMutations
from innohub.graphql.mutations.clients import ClientMutations
from innohub.graphql.mutations.decisions import DecisionMutations
from innohub.graphql.mutations.earlier_pilots import EarlierPilotMutations
from innohub.graphql.mutations.finding import FindingMutations
from innohub.graphql.mutations.forces import ForceMutations
from innohub.graphql.mutations.imports import ImportMutations
from innohub.graphql.mutations.integrations import IntegrationMutations
from innohub.graphql.mutations.kpis import KpiMutations
from innohub.graphql.mutations.notices import NoticeMutations
from innohub.graphql.mutations.organisations import OrganisationMutations
from innohub.graphql.mutations.pilots import PilotMutations
from innohub.graphql.mutations.pools import PoolMutations
from innohub.graphql.mutations.quotes import QuoteMutations
from innohub.graphql.mutations.ratings import RatingMutations
from innohub.graphql.mutations.savings import SavingsMutations
from innohub.graphql.mutations.together import TogetherMutations
from innohub.graphql.mutations.write import Expected
from innohub.graphql.query import Query
from innohub.graphql.subscriptions import Subscription
from innohub.graphql.types.organisations import Body
from innohub.graphql.types.scalars import SCALARS


@strawberry.type
class Mutation(
    AccountMutations,
    CatalogueMutations,
    AssuranceMutations,
    ChallengeMutations,
    ClientMutations,
    DecisionMutations,
    FindingMutations,
    ForceMutations,
    ImportMutations,
    PilotMutations,
    EarlierPilotMutations,
    RatingMutations,
    QuoteMutations,
    PoolMutations,
    BoardMutations,
    IntegrationMutations,
    NoticeMutations,
    TogetherMutations,
    CalendarMutations,
    KpiMutations,
    OrganisationMutations,
    SavingsMutations,
):
    """Each answers with its payload, or with a Failure that says what to mend."""


schema = strawberry.Schema(
    Query,
    Mutation,
    Subscription,
    types=[Body],
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    execution_context_class=Executor,
    exception_handlers=[Expected()],
)


def export() -> str:
    """The schema definition language that is committed as schema.graphql."""
    return schema.as_str() + "\n"
