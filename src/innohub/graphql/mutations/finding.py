"""Changes to what searches know and what people keep of them."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.finding import SynonymSet
from innohub.market.finding import commands, service


@strawberry.type
class SynonymPayload:
    id: strawberry.Private[int]
    synonyms: SynonymSet | None = stored("id")


@strawberry.type
class FindingMutations:
    add_synonyms = write(service.add_synonyms, commands.AddSynonyms, SynonymPayload)
    change_synonyms = write(service.change_synonyms, commands.ChangeSynonyms, SynonymPayload)
    retire_synonyms = write(service.retire_synonyms, commands.RetireSynonyms, SynonymPayload)
