"""What a request to the authorization server brings along, verified before its transaction begins:
no key of anybody is fetched while a row is locked."""

import structlog
from starlette.requests import Request

from innohub.identity.models import ClientProof
from innohub.identity.oauth import proofs, storage
from innohub.identity.oauth.answers import ProofRefused
from innohub.identity.oauth.form import FormRequest
from innohub.identity.oauth.issuing import Terms
from innohub.identity.oauth.proofs import Asserted, Held, NotProven
from innohub.identity.oauth.server import Brought

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

log = structlog.get_logger(__name__)


async def brought(request: Request, form: FormRequest, terms: Terms) -> Brought:
    """Raises ProofRefused for a DPoP proof that is none. An assertion that is none is left out:
    its client is as good as unknown."""
    state = request.app.state
    token = await state.verifier.verified(state.reads, form.form.get("token", ""), terms.now)
    address = f"{terms.issuer}{request.scope['path']}"
    asserted = await _asserted(request, form, terms, address)
    return Brought(token, asserted, _held(request, terms, address))


def _held(request: Request, terms: Terms, address: str) -> Held | None:
    given = request.headers.getlist("dpop")
    if not given:
        return None
    if len(given) > 1:
        raise ProofRefused("Send one DPoP proof.")
    try:
        return proofs.held(given[0], method=request.method, url=address, now=terms.now)
    except NotProven as error:
        raise ProofRefused(str(error)) from None


async def _asserted(
    request: Request, form: FormRequest, terms: Terms, address: str
) -> Asserted | None:
    assertion, state = form.form.get("client_assertion"), request.app.state
    named = proofs.named_in(assertion) if assertion else None
    if assertion is None or named is None or form.form.get("client_id", named) != named:
        return None
    if form.form.get("client_assertion_type") != ASSERTION_TYPE:
        return None
    async with state.database.session() as session:
        client = await session.run_sync(lambda sync: storage.find_client(sync, named, terms.now))
    if client is None or client.row.proof is not ClientProof.KEY:
        return None
    audiences = {terms.issuer, f"{terms.issuer}/oauth/token", address}
    try:
        keys = await state.key_sets.of(client.row, proofs.key_named_in(assertion), terms.now)
        return proofs.asserted(assertion, named, keys, audiences, terms.now)
    except NotProven as error:
        log.info("oauth.assertion_refused", client_id=named, reason=str(error))
        return None
