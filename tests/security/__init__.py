"""Who may come in: the authorization server, judged as those judge it who test such things.

Each module is one subject, its refusals first:

- `test_access_tokens`: the JWTs (RFC 9068), the keys that sign them, taking them back

Client authentication by secret, scopes, revocation, introspection and malformed requests of the
token endpoint are tested in `tests/identity`, where the server began.
"""
