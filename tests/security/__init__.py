"""Who may come in: the authorization server, judged as those judge it who test such things.

Each module is one subject, its refusals first:

- `test_access_tokens`: the JWTs (RFC 9068), the keys that sign them, taking them back
- `test_authorization_code`: what a program may ask of a browser, what a person sees, codes,
  refresh tokens, and what a program may do for a person
- `test_openid`: ID tokens, userinfo, when a person has to sign in again, signing out
- `test_client_keys`: clients that sign, requests handed over beforehand, tokens bound to a key
- `test_fuzz`: whatever is thrown at `/oauth/*`
- `tests/counterparts/test_relying_party`: the certified library openid-client comes to our server

Client authentication by secret, scopes, revocation, introspection and malformed requests of the
token endpoint are tested in `tests/identity`, where the server began.
"""
