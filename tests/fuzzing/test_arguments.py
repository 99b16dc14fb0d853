"""Whatever is asked of the API, in whatever words, by whomever: it answers by a code of its own."""

import os
from random import Random
from typing import Any

import pytest

from innohub.graphql.schema import schema
from tests.fuzzing.conftest import Stage, document

TRIES = int(os.environ.get("INNOHUB_FUZZING", "4"))
"""Calls of each change; a query, which needs a plan for each shape, is asked half as often."""
EXPECTED = {
    "invalid", "invalid_variables", "not_signed_in", "denied", "step_up_required", "not_found",
    "conflict", "wrong_state", "too_large",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["Query", "Mutation"])
def test_nothing_breaks_and_every_refusal_has_its_code(stage: Stage, kind: str) -> None:
    root: Any = schema._schema.get_type(kind)
    broken = []
    for name, field in root.fields.items():
        text, random = document(kind, name), Random(name)
        arguments = stage.arguments(random)
        for number in range(TRIES if kind == "Mutation" else TRIES // 2):
            variables = arguments.of(field.args, 0.1 * (number % 3))
            # Half of the calls are by somebody whom no missing right keeps from going further.
            actor = stage.mighty if number % 2 else random.choice(stage.actors)
            unexpected = stage.codes(actor, text, variables) - EXPECTED
            if unexpected:
                broken.append((name, actor.name, variables, unexpected))
    assert not broken


def test_a_moment_that_is_none_in_utc_is_refused_before_anybody_looks_at_it(stage: Stage) -> None:
    text = document("Mutation", "replayDeliveries")
    connection = stage.arguments(Random(0)).an_id("Integration")
    for until in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        given = {"input": {"connectionId": connection, "until": until}}
        assert stage.codes(stage.mighty, text, given) == {"invalid_variables"}
