"""Access tokens that are bound to a key come with a proof that the sender holds it: RFC 9449 7."""

from starlette.requests import HTTPConnection

from innohub.errors import NotSignedIn
from innohub.identity.oauth import proofs
from innohub.identity.oauth.access_tokens import AccessToken
from innohub.identity.oauth.proofs import NotProven
from innohub.web.sandbox import register_of

PROVEN = "proven_token"


class TokenRefused(NotSignedIn):
    """The Authorization header does not count. `challenge` is the answer's WWW-Authenticate."""

    code = "invalid_token"

    def __init__(self, message: str, challenge: str) -> None:
        super().__init__(message)
        self.challenge = challenge


class ProofRefused(TokenRefused):
    code = "invalid_dpop_proof"

    def __init__(self, message: str) -> None:
        known = " ".join(proofs.ALGORITHMS)
        challenge = f'DPoP realm="InnoHub", error="{self.code}", algs="{known}"'
        super().__init__(message, challenge)


async def require_key(
    connection: HTTPConnection, scheme: str, token: str, read: AccessToken
) -> None:
    """Judge the proof beside a token that is bound to a key, once for a request. Raises
    ProofRefused: for a bound token without one, and for any other token that comes as if bound."""
    state = connection.scope.setdefault("state", {})
    if (read.thumbprint is not None) != (scheme == "dpop"):
        raise ProofRefused("Send a token that is bound to a key as DPoP, any other as Bearer.")
    if read.thumbprint is None or state.get(PROVEN) == token:
        return
    given = connection.headers.getlist("dpop")
    if len(given) != 1:
        raise ProofRefused("Send one DPoP proof.")
    app = register_of(connection)
    now, scope = app.database.clock(), connection.scope
    address = f"{app.settings.base_url}{scope['path']}"
    try:
        held = proofs.held(
            given[0], method=scope.get("method", "GET"), url=address, now=now, access_token=token
        )
    except NotProven as error:
        raise ProofRefused(str(error)) from None
    if held.thumbprint != read.thumbprint:
        raise ProofRefused("The proof is of another key than the token.")
    async with app.database.session() as session, session.begin():
        first = await proofs.taken_down(session, held, now)
    if not first:
        raise ProofRefused("This proof came before.")
    state[PROVEN] = token
