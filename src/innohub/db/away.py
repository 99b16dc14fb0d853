"""Whether a failure means that the database cannot be worked with just now, and nothing else.

Then nothing was wrong with what was asked: whoever asked may ask again. Where it struck during a
commit, nobody knows whether that was stored; a request under an `Idempotency-Key` may be sent again
even so.
"""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

RETRY_SECONDS = 5
"""What a client is told to wait: most restarts and failovers are over by then."""
STATES = ("08", "53", "57P", "57014", "25006", "55P03")
"""SQLSTATEs: connection exception; insufficient resources, as a full disk or too many connections;
shutting down or starting up; a statement of a change that took too long, and was undone; a server
that takes no changes, as a standby until it is promoted, or one whose disk its provider guards; a
read that waited behind a migration. A change that waits for another in vain is a conflict."""

NO_ROOM = "could not extend file"
"""What PostgreSQL says, under the state of a fault of its own, where a quota has run out."""


class Away(Exception):
    """The database did not answer in time, or no connection to it came free."""


def is_away(error: BaseException) -> bool:
    """Of an exception that came out of a read or a unit of work."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        return error.orig is not None and _says_so(error.orig)
    return isinstance(error, Away | NoneFree) or _says_so(error)


def _says_so(error: BaseException) -> bool:
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(STATES) or NO_ROOM in str(error)
    if isinstance(error, asyncpg.InterfaceError):
        # The same class says that we used the driver wrongly.
        return "closed" in str(error)
    if isinstance(error, asyncpg.InternalClientError):
        # The server ended the connection while nobody used it, and has not hung up yet.
        return "cannot switch to state" in str(error)
    # The time that a statement is given on the wire runs out, or nobody listens.
    return isinstance(error, ConnectionError | TimeoutError)
