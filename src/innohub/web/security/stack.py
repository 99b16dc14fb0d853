"""The middleware of the hub, in its order: outermost first."""

from collections.abc import Mapping

from starlette.middleware import Middleware

from innohub.settings import Settings
from innohub.web.measured import Measured
from innohub.web.security import hosts
from innohub.web.security.body_limit import BodyLimit
from innohub.web.security.cross_origin import CrossOrigin
from innohub.web.security.faults import Faults, Render
from innohub.web.security.headers import SecurityHeaders
from innohub.web.security.hosts import KnownHosts, PlainAddress
from innohub.web.security.request_id import RequestId
from innohub.web.security.same_site import SameSite
from innohub.web.traced import Traced


def middleware(
    settings: Settings,
    *,
    body_limits: Mapping[str, int] | None = None,
    render_fault: Render | None = None,
) -> list[Middleware]:
    """For Starlette's `middleware`. `body_limits`: bytes, by the beginning of a path."""
    return [
        Middleware(RequestId),
        Middleware(Measured),
        Middleware(Traced),
        Middleware(SecurityHeaders, https=settings.secure_cookies),
        Middleware(Faults, render=render_fault),
        Middleware(KnownHosts, hosts=hosts.allowed(settings.base_url)),
        Middleware(PlainAddress),
        Middleware(CrossOrigin, settings=settings),
        Middleware(BodyLimit, by_path=body_limits),
        Middleware(SameSite, settings=settings),
    ]
