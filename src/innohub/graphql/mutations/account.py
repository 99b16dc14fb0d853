"""What somebody can change about their own account by the API: sign out elsewhere.

Second factors are added and removed on the hub's pages only: a program that acts for a person must
not be able to give itself a key of theirs.
"""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.account import Account
from innohub.identity import sessions


@strawberry.type
class AccountPayload:
    id: strawberry.Private[int]
    account: Account | None = stored("id")


@strawberry.type
class AccountMutations:
    end_session = write(sessions.end_own, sessions.EndSession, AccountPayload)
