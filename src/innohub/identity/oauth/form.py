"""An HTTP request as Authlib wants it, read strictly: what is ambiguous is refused."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload
from starlette.requests import Request

from innohub.settings import Settings

MEDIA_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 50


class FormPayload(OAuth2Payload):
    """The parameters of a body, each given once."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self._parameters = parameters

    @property
    def data(self) -> dict[str, str]:
        return self._parameters

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._parameters.items()}


class FormRequest(OAuth2Request):
    """A POST with a form as its body. The query string is never read: RFC 6749 2.3.1 and 3.2 keep
    parameters, and secrets above all, out of it."""

    def __init__(self, uri: str, headers: Mapping[str, str], parameters: dict[str, str]) -> None:
        super().__init__("POST", uri, headers=headers)
        self.payload = FormPayload(parameters)
        self._parameters = parameters

    @property
    def args(self) -> dict[str, str | None]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        return self._parameters


async def read(request: Request) -> FormRequest:
    """Raises InvalidRequestError for everything that RFC 6749 3.2 does not allow."""
    if len(request.headers.getlist("authorization")) > 1:
        raise InvalidRequestError("More than one Authorization header.")
    body = await request.body()
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and given != MEDIA_TYPE:
        raise InvalidRequestError(f"The body must be {MEDIA_TYPE}.")
    return FormRequest(_uri(request), request.headers, _parameters(body))


def _parameters(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise InvalidRequestError("The body is not a form in UTF-8.") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise InvalidRequestError("A parameter is given more than once.")
    # RFC 6749 3.2: a parameter without a value counts as omitted.
    return {name: value for name, value in pairs if value}


def _uri(request: Request) -> str:
    """The address under which the hub is public, whatever the Host header claims."""
    settings: Settings = request.app.state.settings
    uri = f"{settings.base_url}{request.scope['path']}"
    if settings.environment == "development":
        # Authlib takes plain http on loopback only; in development the hub may have any name.
        uri = uri.replace("http://", "https://", 1)
    return uri
