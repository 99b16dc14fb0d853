"""How a page reads: a GraphQL document of its own, executed in process with the viewer's eyes."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)
from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import InnoHubError, Invalid, NotFound
from innohub.graphql.context import Context
from innohub.graphql.schema import schema
from innohub.web.authentication import caller_of
from innohub.web.security import request_id


class ReadFailed(RuntimeError):
    """A document that the schema accepts could not be answered: a fault of ours."""


class Document:
    """A page's query, checked against the schema when the hub starts.

    Fragments of `pages/fragments.graphql` may be spread without being defined again.
    Raises GraphQLError for a document that the schema does not accept.
    """

    def __init__(self, source: str) -> None:
        self.source = _with_fragments(parse(source))
        errors = validate(schema._schema, parse(self.source))
        if errors:
            raise errors[0]


def load(folder: Traversable) -> Document | None:
    """The document of a page's folder; None for a page that reads nothing."""
    file = folder.joinpath("page.graphql")
    if not file.is_file():
        return None
    try:
        return Document(file.read_text())
    except GraphQLError as error:
        raise ReadFailed(f"{file}: {error}") from error


async def read(request: Request, document: Document, variables: Mapping[str, Any]) -> Any:
    """The `data` of the answer, as nested dicts in the document's own names.

    Raises what the schema raises of our own tree: Invalid for a cursor that is none, for example.
    """
    state = request.app.state
    context = Context(
        (await caller_of(request)).actor,
        state.settings,
        state.database,
        state.reader,
        request_id.of(request.scope),
    )
    answer = await schema.execute(
        document.source, variable_values=dict(variables), context_value=context
    )
    if answer.errors:
        raise _failure(answer.errors[0])
    return answer.data


def global_id(kind: str, number: int) -> str:
    """The global id behind a page's address. Raises NotFound for a number that no row can have."""
    if not 0 < number <= identifiers.LARGEST:
        raise NotFound("This page does not exist.")
    return identifiers.encode(kind, number)


def _failure(error: GraphQLError) -> Exception:
    cause = error.original_error
    if isinstance(cause, InnoHubError):
        return cause
    if cause is None:
        # The documents are valid, so what is left is a value of the address that does not fit.
        return Invalid("This address asks for something that the hub does not know.")
    failed = ReadFailed(error.message)
    failed.__cause__ = cause
    return failed


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.names.append(node.name.value)


def _with_fragments(document: DocumentNode) -> str:
    """The document's text, followed by the shared fragments that it spreads."""
    shared = _shared_fragments()
    parts = [print_ast(document)]
    known = {
        definition.name.value
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    waiting = _spread_in(document)
    while waiting:
        name = waiting.pop()
        if name not in known and name in shared:
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
