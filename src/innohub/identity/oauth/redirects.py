"""Where a client may have people sent back to: exactly what it registered."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

LONGEST = 500
_PLAIN = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]]+")
"""The characters of RFC 3986, without `#`: no fragment (RFC 6749 3.1.2), nothing that is odd."""
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?([/?].*)?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PRIVATE = re.compile(r"[a-z][a-z0-9+\-]*(\.[a-z0-9+\-]+)+:/(?!/)\S*")


def problem_of(uri: str) -> str | None:
    """What is wrong with an address that somebody registers, in words; None if it serves."""
    if len(uri) > LONGEST or not _PLAIN.fullmatch(uri):
        return "Enter a whole address, without spaces, a fragment or special characters."
    if _LOOPBACK.fullmatch(uri) or _PRIVATE.fullmatch(uri):
        return None
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is not a web address."
    if parts.scheme != "https":
        return (
            "The address starts with https://. Only a program on a person's own computer may have "
            "http://127.0.0.1, http://[::1] or a scheme of its own, like uk.example.app:/back."
        )
    if not host or "@" in parts.netloc:
        return "This is not a web address."
    return None


def fits(registered: Collection[str], given: str) -> bool:
    """Character by character; on a person's own computer any port will do, because a program there
    takes whichever is free (RFC 8252 7.3)."""
    if not _PLAIN.fullmatch(given):
        return False
    if given in registered:
        return True
    loopback = _without_port(given)
    return loopback is not None and any(_without_port(one) == loopback for one in registered)


def origin_of(uri: str) -> str:
    """What a content security policy calls the address: its origin, or its scheme alone."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def web_origin_of(uri: str) -> str | None:
    """The site of a program that runs in a browser, as browsers write it (RFC 6454 6.2); None for
    an address that is no web page's. On a person's own computer the port counts here."""
    parts = urlsplit(uri)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    told = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{told}"


def _without_port(uri: str) -> tuple[str, str] | None:
    found = _LOOPBACK.fullmatch(uri)
    if found is None or int(found[2] or 0) > 65_535:
        return None
    return found[1], found[3] or ""
