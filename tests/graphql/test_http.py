"""GraphQL over HTTP, by its specification; and none of the ways to make a server fall over."""

from typing import Any

import pytest

from innohub.graphql import http
from tests.graphql.conftest import Client

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
FORCE = '{ force(slug: "kent") { name } }'
ANSWER = {"data": {"force": {"name": "Kent Police"}}}


async def post(client: Any, body: Any, accept: str = RESPONSE, **more: Any) -> Any:
    return await client.post("/graphql", json=body, headers={"accept": accept}, **more)


async def raw(client: Any, content: bytes, **headers: str) -> Any:
    kind = {"content-type": JSON, "accept": RESPONSE, **headers}
    return await client.post("/graphql", content=content, headers=kind)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (RESPONSE, RESPONSE),
        (JSON, JSON),
        ("*/*", RESPONSE),
        ("application/*", RESPONSE),
        (f"{JSON};q=0.5, {RESPONSE}", RESPONSE),
        (f"{JSON}, {RESPONSE};q=0.1", JSON),
        (f"text/event-stream, multipart/mixed, {JSON}", JSON),
    ],
)
async def test_the_response_has_the_media_type_that_the_client_prefers(
    api: Client, accept: str, kind: str
) -> None:
    answer = await post(api(), {"query": FORCE}, accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert answer.json() == ANSWER


async def test_a_client_that_accepts_neither_media_type_is_told_so(api: Client) -> None:
    assert (await post(api(), {"query": FORCE}, "text/html")).status_code == 406


async def test_a_query_may_be_sent_by_get(api: Client) -> None:
    query = "query ($s: String!) { force(slug: $s) { name } }"
    answer = await api().get("/graphql", params={"query": query, "variables": '{"s": "kent"}'})
    assert answer.json() == ANSWER


async def test_a_mutation_by_get_is_refused(api: Client) -> None:
    query = 'mutation { startPilot(input: {pilotId: "x"}) { __typename } }'
    answer = await api().get("/graphql", params={"query": query})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "syntax"),
        ({"query": "{ nothing }"}, "invalid_document"),
        ({"query": "query A { force(slug: \"a\") { name } } query B { __typename }"},
         "invalid_document"),
        ({"query": "query ($s: String!) { force(slug: $s) { name } }"}, "invalid_variables"),
        ({"query": "query ($s: String!) { force(slug: $s) { name } }", "variables": {"s": 1}},
         "invalid_variables"),
    ],
)  # fmt: skip
async def test_a_request_error_is_400_without_data_and_200_for_clients_of_old(
    api: Client, body: dict[str, Any], code: str
) -> None:
    client = api()
    answer = await post(client, body)
    assert answer.status_code == 400
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    old = await post(client, body, JSON)
    assert old.status_code == 200
    assert "data" not in old.json()


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe{}",
        b"",
        b"null",
        b"7",
        b'"text"',
        b"[]",
        b'[{"query": "{__typename}"}, {"query": "{__typename}"}]',
        b"{}",
        b'{"query": 7}',
        b'{"query": "{__typename}", "variables": []}',
        b'{"query": "{__typename}", "operationName": 3}',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"query": "{__typename}", "variables": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001,
        b'{"query": "{__typename}", "variables": {"a": ' + b"[" * 150 + b"]" * 150 + b"}}",
        b'{"query": "{__typename}", "variables": {"a": ' + b"9" * 10_000 + b"}}",
        b'{"query": "{__typename}", "operationName": "\\ud800"}',
    ],
)
async def test_a_malformed_body_is_a_clear_400(api: Client, content: bytes) -> None:
    answer = await raw(api(), content)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/jsonx"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-encoding": "gzip"},
    ],
)
async def test_only_plain_json_in_utf_8_passes_for_json(
    api: Client, headers: dict[str, str]
) -> None:
    assert (await raw(api(), b'{"query": "{__typename}"}', **headers)).status_code == 415


async def test_spreading_fragments_twice_over_is_refused_in_no_time(api: Client) -> None:
    levels = 40
    fragments = " ".join(
        f"fragment F{n} on Force {{ a: successor {{ ...F{n + 1} }} "
        f"b: successor {{ ...F{n + 1} }} }}"
        for n in range(levels)
    )
    query = (
        f'{{ force(slug: "kent") {{ ...F0 }} }} {fragments} fragment F{levels} on Force {{ name }}'
    )
    answer = await post(api(), {"query": query})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "too_costly"


@pytest.mark.parametrize(
    "query",
    [
        "{" + 'f: force(slug: "kent") { successor {' * 12 + "name" + "}}" * 12 + "}",
        "{" + " ".join(f"a{n}: __typename" for n in range(101)) + "}",
        "{ technologies(first: 100) { nodes { pilots(first: 100) { nodes { title } } "
        "results(first: 100) { nodes { technology { name slug } effect lower upper } } } } }",
        " ".join(f"query Q{n} {{ __typename }}" for n in range(21)),
        "{" + "name " * 4_001 + "}",
    ],
)
async def test_what_asks_for_too_much_is_refused_before_any_sql(api: Client, query: str) -> None:
    answer = await post(api(), {"query": query})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


async def test_unknown_directives_are_answered_with_few_errors_and_no_suggestions(
    api: Client,
) -> None:
    query = "{ forse " + "@nothing " * 50 + "}"
    errors = (await post(api(), {"query": query})).json()["errors"]
    assert len(errors) <= 6
    assert not any("Did you mean" in error["message"] for error in errors)


async def test_the_cost_is_told_to_those_who_ask(api: Client) -> None:
    query = "{ technologies(first: 10) { nodes { name } } }"
    client = api()
    asked = await post(client, {"query": query, "extensions": {"cost": True}})
    assert asked.json()["extensions"]["cost"] == 12
    assert "extensions" not in (await post(client, {"query": query})).json()


@pytest.mark.parametrize("id", ["", "abc", "%%%", "VGVjaG5vbG9neTow", "Rm9yY2U6MDE"])
async def test_an_identifier_that_is_none_is_a_field_error_with_a_code(
    api: Client, id: str
) -> None:
    query = 'query ($id: ID!) { node(id: $id) { id } force(slug: "kent") { name } }'
    answer = await post(api(), {"query": query, "variables": {"id": id}})
    assert answer.status_code == 200
    assert answer.json()["data"] == {"node": None, **ANSWER["data"]}
    [error] = answer.json()["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["node"], "invalid")


BEFORE_TIME = "WyJuZXdlc3QiLCAiMDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCIsIDVd"
"""Of the challenges, after a moment of the year 1 in a time zone in which UTC has none yet."""


@pytest.mark.parametrize(
    "cursor", ["", "abc", "W10", "WyIiLCJ4Il0", "WyJyYXRpbmciLDFd", BEFORE_TIME]
)
async def test_a_cursor_of_another_list_is_refused(api: Client, cursor: str) -> None:
    for lists in (
        "technologies(after: $c) { nodes { id } }",
        "challenges(orderBy: NEWEST, after: $c) { nodes { id } }",
        'force(slug: "kent") { formerEntries(after: $c) { nodes { slug } } }',
    ):
        query = f"query ($c: String) {{ {lists} }}"
        answer = await post(api(), {"query": query, "variables": {"c": cursor}})
        assert answer.json()["errors"][0]["extensions"]["code"] == "invalid"


@pytest.mark.parametrize("size", [-1, 101, 10_000])
async def test_a_page_holds_at_most_100(api: Client, size: int) -> None:
    query = "query ($n: Int) { technologies(first: $n) { nodes { id } } }"
    answer = await post(api(), {"query": query, "variables": {"n": size}})
    assert answer.json()["errors"][0]["extensions"]["code"] == "invalid"


async def test_first_and_last_together_are_refused(api: Client) -> None:
    query = "{ technologies(first: 1, last: 1) { nodes { id } } }"
    [error] = (await post(api(), {"query": query})).json()["errors"]
    assert error["extensions"]["code"] == "invalid"


async def test_text_that_the_database_cannot_hold_is_refused(api: Client) -> None:
    query = "query ($s: String!) { force(slug: $s) { name } }"
    answer = await post(api(), {"query": query, "variables": {"s": "a\x00b"}})
    assert answer.json()["errors"][0]["extensions"]["code"] == "invalid"


async def test_introspection_works(api: Client) -> None:
    answer = await post(api(), {"query": "{ __schema { queryType { name } } }"})
    assert answer.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_slow_answer_is_waited_for(
    api: Client, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(http, "PATIENCE", 0)
    given: dict[str, Any] = {"query": FORCE}
    sent = {"params": given} if method == "GET" else {"json": given}
    answer = await api().request(method, "/graphql", **sent)
    assert answer.json() == ANSWER
