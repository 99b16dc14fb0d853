"""Changes to what searches know and what people keep of them."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.finding import LockedSearch, SavedSearch, SynonymSet
from innohub.market.finding import commands, service


@strawberry.type
class SynonymPayload:
    id: strawberry.Private[int]
    synonyms: SynonymSet | None = stored("id")


@strawberry.type
class SavedSearchPayload:
    id: strawberry.Private[int]
    search: SavedSearch | None = stored("id")


@strawberry.type
class LockedSearchPayload:
    id: strawberry.Private[int]
    search: LockedSearch | None = stored("id")


@strawberry.type
class FindingMutations:
    save_search = write(service.save_search, commands.SaveSearch, SavedSearchPayload)
    delete_saved_search = write(
        service.delete_saved_search, commands.DeleteSavedSearch, SavedSearchPayload
    )
    lock_search = write(service.lock_search, commands.LockSearch, LockedSearchPayload)
    add_synonyms = write(service.add_synonyms, commands.AddSynonyms, SynonymPayload)
    change_synonyms = write(service.change_synonyms, commands.ChangeSynonyms, SynonymPayload)
    retire_synonyms = write(service.retire_synonyms, commands.RetireSynonyms, SynonymPayload)
