"""What a client learns where it gets no answer: a request refused, an error told."""

import structlog
from graphql import GraphQLError

from innohub.db.away import is_away
from innohub.errors import InnoHubError
from innohub.graphql import limits

log = structlog.get_logger()

MAX_VALIDATION_ERRORS = 5
UNAVAILABLE = "unavailable"
AWAY = (
    "The hub cannot reach its database just now. Send this again in a few seconds; a change under "
    "the same Idempotency-Key is made once."
)
UNEXPECTED = "Something went wrong on our side. It was recorded and can be found by its request id."


class Refused(Exception):
    """A request error: nothing was executed. Carries the errors for the client."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def checked(measured: limits.Measure) -> None:
    """Raise Refused for an operation that asks for too much."""
    try:
        limits.check(measured)
    except GraphQLError as error:
        raise Refused([error]) from None


def refusal(message: str) -> Refused:
    """Of a document that may not be executed."""
    return Refused([GraphQLError(message, extensions={"code": "invalid_document"})])


def coded(error: GraphQLError, code: str) -> GraphQLError:
    """The error with a code for programs, where it has none yet."""
    error.extensions = {"code": code, **(error.extensions or {})}
    return error


def told(error: GraphQLError) -> GraphQLError:
    """What a client learns of an error: an expected one whole, any other only that it happened."""
    cause = error.original_error
    if cause is None:
        return coded(error, "error")
    if isinstance(cause, InnoHubError):
        return coded(error, cause.code)
    if is_away(cause):
        log.warning("graphql.database_away", path=error.path, reason=str(cause))
        return GraphQLError(
            AWAY, nodes=error.nodes, path=error.path, extensions={"code": UNAVAILABLE}
        )
    log.error("graphql.unexpected", path=error.path, exc_info=cause)
    return GraphQLError(
        UNEXPECTED, nodes=error.nodes, path=error.path, extensions={"code": "internal"}
    )
