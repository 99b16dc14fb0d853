from starlette.requests import HTTPConnection
from starlette.responses import Response

from innohub.settings import Settings
from innohub.web.security import cookies


def signed(cookie: str, value: str, settings: Settings) -> str:
    response = Response()
    cookies.write(response, cookie, value, settings)
    return response.headers["set-cookie"].split(";")[0].partition("=")[2]


def read(cookie: str, held: str, settings: Settings) -> str | None:
    name = cookies.name_of(cookie, settings)
    headers = [(b"cookie", f"{name}={held}".encode())]
    return cookies.read(HTTPConnection({"type": "http", "headers": headers}), cookie, settings)


def test_a_signature_counts_for_one_cookie_and_one_hub_only(settings: Settings) -> None:
    held = signed(cookies.VISIT, "v1", settings)
    assert read(cookies.VISIT, held, settings) == "v1"
    assert read(cookies.SESSION, held, settings) is None
    other = Settings(secret_key="another secret altogether", base_url=settings.base_url)
    assert read(cookies.VISIT, held, other) is None


def test_only_over_tls_does_the_name_promise_a_single_host(settings: Settings) -> None:
    assert cookies.name_of(cookies.SESSION, settings) == "__Host-innohub_session"
    plain = settings.model_copy(update={"base_url": "http://127.0.0.1:8000"})
    assert cookies.name_of(cookies.SESSION, plain) == "innohub_session"
