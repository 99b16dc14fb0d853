"""How a page reads: a GraphQL document of its own, answered in process with the viewer's eyes."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from starlette.requests import Request

from innohub.db import identifiers
from innohub.db.away import Away
from innohub.errors import InnoHubError, Invalid, NotFound
from innohub.graphql.context import Context
from innohub.graphql.operations import Operations
from innohub.graphql.refusals import Refused
from innohub.identity.actor import Actor
from innohub.web.authentication import caller_of
from innohub.web.security import request_id


class ReadFailed(RuntimeError):
    """A page's document is not valid, or could not be answered: a fault of ours."""


class Document:
    """A page's query. It may spread the fragments of `pages/fragments.graphql` without more ado."""

    def __init__(self, source: str, name: str) -> None:
        self.name = name
        self.source = _with_fragments(source)
        self.headed = _with_header(self.source)
        """The same with what the header of a signed-in person shows, for one round trip."""

    def check(self, operations: Operations) -> None:
        """Raises ReadFailed for a document that the schema does not accept."""
        try:
            # It holds all that the other asks for.
            operations.prepare(self.headed)
        except Refused as refused:
            raise ReadFailed(f"{self.name}: {refused}") from refused

    @property
    def sources(self) -> tuple[str, str]:
        return self.source, self.headed


def document_in(folder: Traversable) -> Document | None:
    """The document of a page's folder; None for a page that reads nothing."""
    file = folder.joinpath("page.graphql")
    return Document(file.read_text(), f"{folder.name}/{file.name}") if file.is_file() else None


async def read(
    request: Request, document: Document, variables: Mapping[str, Any], *, headed: bool = False
) -> Any:
    """The `data` of the answer: nested dicts in the document's own names, dates in ISO 8601;
    `headed`, with the header's `unreadNotices` too.

    Raises what the schema raises of our own tree, Invalid for values that do not fit the document,
    Away where it took too long, and ReadFailed.
    """
    actor = (await caller_of(request)).actor
    return await read_as(request, actor, document, variables, headed=headed)


async def read_as(
    request: Request,
    actor: Actor,
    document: Document,
    variables: Mapping[str, Any],
    *,
    headed: bool = False,
) -> Any:
    """As `read`, with the eyes of `actor`, whoever sent the request."""
    state = request.app.state
    context = Context(
        actor,
        state.hub,
        state.database,
        state.reads,
        request_id.of(request.scope),
        # What answers a form shows what the form did, whoever it was signed by.
        copy=state.copy if request.method in ("GET", "HEAD") else None,
    )
    try:
        operation = state.operations.prepare(document.headed if headed else document.source)
        answer = await state.operations.execute(operation, variables, context)
    except Refused as refused:
        raise Invalid("This address asks for something that the hub does not know.") from refused
    if answer.errors:
        raise failure(answer.errors[0], document)
    return answer.data


def global_id(kind: str, number: int) -> str:
    """The global id behind a page's address. Raises NotFound for a number that no row can have."""
    if not 0 < number <= identifiers.LARGEST:
        raise NotFound("This page does not exist.")
    return identifiers.encode(kind, number)


def failure(error: GraphQLError, document: Document) -> Exception:
    """What a page raises whose document met this error. One of ours that took too long is no fault
    of who asked: the database is too busy for it just now."""
    cause = error.original_error
    if isinstance(cause, InnoHubError):
        return cause
    if (error.extensions or {}).get("code") == "timeout":
        return Away(f"{document.name} took too long.")
    return ReadFailed(f"{document.name}: {error.message}")


_UNREAD = "{ unreadNotices: notices(first: 0, filter: {unread: true}) { totalCount } }"


def _with_header(source: str) -> str:
    """The text of a document whose query asks for the header's facts as well."""
    (header,) = parse(_UNREAD).definitions
    assert isinstance(header, OperationDefinitionNode)
    added = header.selection_set.selections

    class Adding(Visitor):
        def leave_operation_definition(
            self, node: OperationDefinitionNode, *_: Any
        ) -> OperationDefinitionNode:
            asked = SelectionSetNode(selections=(*node.selection_set.selections, *added))
            return OperationDefinitionNode(
                **{key: getattr(node, key) for key in node.keys if key != "selection_set"},
                selection_set=asked,
            )

    return print_ast(visit(parse(source), Adding()))


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.names.append(node.name.value)


def _with_fragments(source: str) -> str:
    """The document's text, followed by the shared fragments that it spreads."""
    document = parse(source)
    shared = _shared_fragments()
    known = {d.name.value for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    parts = [source.strip()]
    waiting = _spread_in(document)
    while waiting:
        name = waiting.pop()
        if name in shared and name not in known:
            known.add(name)
            parts.append(print_ast(shared[name]))
            waiting += _spread_in(shared[name])
    return "\n\n".join(parts)


def _spread_in(node: Any) -> list[str]:
    spreads = _Spreads()
    visit(node, spreads)
    return spreads.names


@cache
def _shared_fragments() -> dict[str, FragmentDefinitionNode]:
    text = files("innohub.web.pages").joinpath("fragments.graphql").read_text()
    return {
        definition.name.value: definition
        for definition in parse(text).definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


HEADER = Document("query Header { __typename }", "header")
"""For a page that reads nothing else."""
