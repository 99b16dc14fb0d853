"""What people do with searches. Each takes the unit of work, the actor and a command; flushes,
never commits; and leaves one audit entry."""

from innohub.market.finding.synonyms import add as add_synonyms
from innohub.market.finding.synonyms import change as change_synonyms
from innohub.market.finding.synonyms import retire as retire_synonyms

__all__ = ["add_synonyms", "change_synonyms", "retire_synonyms"]
