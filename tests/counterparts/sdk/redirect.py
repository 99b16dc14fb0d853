"""Leads a vendor's library, whose hosts are fixed, to a stand-in on this machine."""

from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter


class Redirect(HTTPAdapter):
    """Sends what would go to any https host to `base` instead, path and query as they were."""

    def __init__(self, base):
        super().__init__()
        self._base = urlsplit(base)

    def send(self, request, **options):
        wanted = urlsplit(request.url)
        request.headers["x-wanted-host"] = wanted.hostname
        parts = (self._base.scheme, self._base.netloc, wanted.path, wanted.query, "")
        request.url = urlunsplit(parts)
        return super().send(request, **options)


def redirected(base):
    """A session of requests that reaches nothing else."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Redirect(base))
    session.mount("http://", Redirect(base))
    return session
