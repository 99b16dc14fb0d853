"""What every response tells the browser not to do."""

import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'{nonce}; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'{sent_on}; frame-ancestors 'none'; base-uri 'none'"
)

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # `no-referrer` would also blank the Origin of our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NONCE = "csp_nonce"
SENT_ON = "csp_sent_on"
TRANSPORT = "max-age=63072000; includeSubDomains"


class SecurityHeaders:
    """Sets each header unless the response carries its own.

    `https`: whether the hub is served over TLS, by itself or by its proxy.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        fixed = {**ALWAYS, **({"Strict-Transport-Security": TRANSPORT} if https else {})}
        self.fixed = [(n.lower().encode(), value.encode()) for n, value in fixed.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                own = dict(headers)
                policy = _policy(state.get(NONCE), state.get(SENT_ON))
                wanted = [*self.fixed, (b"content-security-policy", policy)]
                if own.get(b"content-type", b"").startswith(b"text/html"):
                    # Pages differ from person to person, and none outlives a sign-out.
                    wanted.append((b"cache-control", b"no-store"))
                message["headers"] = [*headers, *(h for h in wanted if h[0] not in own)]
            await send(message)

        await self.app(scope, receive, guarded)


def nonce_of(scope: Scope) -> str:
    """For the `nonce` attribute of this response's inline scripts; made when first asked for."""
    nonce: str = scope.setdefault("state", {}).setdefault(NONCE, secrets.token_urlsafe(16))
    return nonce


def sends_on_to(scope: Scope, origin: str) -> None:
    """Let this page's forms lead to `origin` by way of our own redirect: some browsers hold the
    policy against where a form ends up."""
    scope.setdefault("state", {})[SENT_ON] = origin


def _policy(nonce: str | None, sent_on: str | None) -> bytes:
    """Most responses show no script of their own, and need none allowed."""
    return POLICY.format(
        nonce=f" 'nonce-{nonce}'" if nonce else "", sent_on=f" {sent_on}" if sent_on else ""
    ).encode()
