"""From a document's text to an operation that can be executed: parsed, measured, validated, divided
into what is declared and what is not."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_operation_ast,
    parse,
    validate,
    visit,
)

from innohub.graphql import limits
from innohub.graphql.dividing import divided, document_of, is_declared, root_fields
from innohub.graphql.documents import Documents
from innohub.graphql.read import engine
from innohub.graphql.read.arguments import Skeleton, Variables, skeletons
from innohub.graphql.read.binding import kinds
from innohub.graphql.read.reads import Anything
from innohub.graphql.read.rows import read_of
from innohub.graphql.refusals import MAX_VALIDATION_ERRORS, Refused, checked, coded, refusal
from innohub.identity.viewer import Viewer

OTHER = "other"
"""What clients' own documents are counted under: their names are theirs to choose."""


@dataclass
class Operation:
    """One valid operation of one document, with its plans."""

    document: DocumentNode
    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    skeletons: Mapping[str, Skeleton]
    planned: bool
    """Whether every root field is declared."""
    parts: "tuple[Operation, Operation] | None" = None
    """Of a query that is not, but has declared ones: those alone, and the others."""
    label: str = OTHER
    """Its name where the document is registered: what it is counted under."""
    plans: engine.Plans = field(default_factory=lambda: engine.Plans(64))

    def shape(self, variables: Variables, viewer: Viewer) -> Hashable:
        """Equal for requests that may share a plan. Raises Invalid for a node id that is none."""
        given = tuple((name, self.skeletons[name](value)) for name, value in variables.items())
        return viewer.shape, given

    @property
    def is_query(self) -> bool:
        return self.definition.operation is OperationType.QUERY

    @property
    def is_subscription(self) -> bool:
        return self.definition.operation is OperationType.SUBSCRIPTION


@dataclass(frozen=True)
class Preparation:
    """How operations of one schema are prepared."""

    schema: GraphQLSchema
    documents: Documents
    rules: Sequence[type[ASTValidationRule]]

    def operation(self, text: str, name: str | None) -> Operation:
        """The operation of that name. Raises Refused for anything that may not be executed."""
        document = _parsed(text)
        definitions = document.definitions
        fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        operations = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
        if len(operations) > limits.MAX_OPERATIONS:
            raise refusal(f"At most {limits.MAX_OPERATIONS} operations fit in a document.")
        meter = limits.Meter(self.schema, fragments, {})
        for operation in operations:
            checked(meter.operation(operation))
        errors = validate(
            self.schema,
            document,
            self.rules,
            max_errors=MAX_VALIDATION_ERRORS,
            hide_suggestions=True,
        )
        if errors:
            raise Refused([coded(error, "invalid_document") for error in errors])
        definition = get_operation_ast(document, name)
        if definition is None:
            raise refusal("Name one operation of the document in operationName.")
        whole = self._one(document, definition, fragments)
        if self.documents.registered(text):
            whole.label = name_of(whole) or OTHER
        halves = None if whole.planned else divided(self.schema.query_type, definition, fragments)
        if halves is None:
            return whole
        declared, others = (
            self._one(document_of(half, fragments), half, fragments) for half in halves
        )
        return replace(whole, parts=(declared, others))

    def _one(
        self,
        document: DocumentNode,
        definition: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> Operation:
        planned = definition.operation is OperationType.QUERY and all(
            is_declared(self.schema.query_type, node.name.value)
            for node in root_fields(definition.selection_set, fragments)
        )
        exact = skeletons(self.schema, definition, _exact(self.schema, document))
        return Operation(document, definition, fragments, exact, planned)


def name_of(operation: Operation) -> str | None:
    """The operation's own name, where it has one."""
    name = operation.definition.name
    return name.value if name else None


def _parsed(text: str) -> DocumentNode:
    try:
        return parse(text, max_tokens=limits.MAX_TOKENS)
    except GraphQLError as error:
        raise Refused([coded(error, "syntax")]) from None


def _names_a_node(field: Any) -> bool:
    return isinstance(read_of(field), Anything)


def _exact(schema: GraphQLSchema, document: DocumentNode) -> dict[str, Skeleton]:
    """How variables of special use count in a plan's key: page sizes by value, node ids by type."""
    found: dict[str, Skeleton] = {}
    info = TypeInfo(schema)

    class Uses(Visitor):
        def enter_argument(self, node: Any, *_: Any) -> None:
            if node.value.kind != "variable":
                return
            name = node.value.name.value
            if node.name.value in ("first", "last"):
                found[name] = lambda value: value
            elif node.name.value in ("id", "ids") and _names_a_node(info.get_field_def()):
                found[name] = lambda value: None if value is None else kinds(value)

    visit(document, TypeInfoVisitor(info, Uses()))
    return found
