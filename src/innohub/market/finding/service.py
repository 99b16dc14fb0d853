"""What people do with searches. Each takes the unit of work, the actor and a command; flushes,
never commits; and leaves one audit entry. `replay` only reads; `tell_of_new_listings` is the
worker's."""

from innohub.market.finding.locking import lock as lock_search
from innohub.market.finding.locking import replay
from innohub.market.finding.saving import delete as delete_saved_search
from innohub.market.finding.saving import save as save_search
from innohub.market.finding.saving import tell_of_new_listings
from innohub.market.finding.synonyms import add as add_synonyms
from innohub.market.finding.synonyms import change as change_synonyms
from innohub.market.finding.synonyms import retire as retire_synonyms

__all__ = [
    "add_synonyms",
    "change_synonyms",
    "delete_saved_search",
    "lock_search",
    "replay",
    "retire_synonyms",
    "save_search",
    "tell_of_new_listings",
]
