"""A few pages to stand behind the middleware."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from innohub.identity.commands import SignIn
from innohub.web.authentication import caller_of, sign_in, sign_out
from innohub.web.security import headers, request_id
from innohub.web.security.csrf import checked_form, form_token, require_unforgeable_post


async def form_page(request: Request) -> Response:
    return PlainTextResponse(form_token(request))


async def save(request: Request) -> Response:
    async with checked_form(request) as form:
        names = [
            (name, value if isinstance(value, str) else (await value.read()).decode())
            for name, value in form.multi_items()
        ]
    return JSONResponse(names)


async def login(request: Request) -> Response:
    async with checked_form(request) as form:
        response = PlainTextResponse("in")
        await sign_in(request, SignIn.parse(dict(form)), response)
    return response


async def logout(request: Request) -> Response:
    async with checked_form(request):
        response = PlainTextResponse("out")
        await sign_out(request, response)
    return response


async def graphql(request: Request) -> Response:
    caller = await caller_of(request)
    require_unforgeable_post(request, caller)
    return PlainTextResponse(caller.actor.name)


async def own_policy(request: Request) -> Response:
    return PlainTextResponse("x", headers={"Content-Security-Policy": "sandbox"})


async def page(request: Request) -> Response:
    return HTMLResponse("<p>Yours", headers=dict(request.query_params))


async def ids(request: Request) -> Response:
    return JSONResponse(
        {"request_id": request_id.of(request.scope), "nonce": headers.nonce_of(request.scope)}
    )


async def fault(request: Request) -> Response:
    raise RuntimeError("the secret is 42")


async def body(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def unread(request: Request) -> Response:
    return PlainTextResponse("not read")


async def address(request: Request) -> Response:
    return PlainTextResponse(str(request.url))


routes = [
    Route("/form", form_page),
    Route("/save", save, methods=["POST"]),
    Route("/login", login, methods=["POST"]),
    Route("/logout", logout, methods=["POST"]),
    Route("/graphql", graphql, methods=["GET", "POST"]),
    Route("/own-policy", own_policy),
    Route("/page", page),
    Route("/ids", ids),
    Route("/fault", fault),
    Route("/body", body, methods=["POST"]),
    Route("/unread", unread, methods=["POST"]),
    Route("/address/{rest:path}", address),
    Route("/healthz", unread, methods=["GET"]),
]
