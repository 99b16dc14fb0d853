"""The API's explorer: GraphiQL, served by the hub itself, asking as whoever is signed in."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.identity.permissions import Permission
from innohub.web.authentication import caller_of
from innohub.web.rendering import render
from innohub.web.security.headers import POLICY, nonce_of

_FOLDER = files("innohub.web.pages.graphiql")
BROWSE = _FOLDER.joinpath("browse.graphql").read_text()
FOLLOW = _FOLDER.joinpath("follow.graphql").read_text()


async def show(request: Request) -> Response:
    actor = (await caller_of(request)).actor
    tabs = [{"query": BROWSE}]
    if actor.may(Permission.CONNECTION_READ):
        tabs.append({"query": FOLLOW})
    # GraphiQL's dialogues bring a style element of their own, which the nonce lets in.
    policy = POLICY.replace("style-src 'self'", "style-src 'self'{nonce}")
    nonce = f" 'nonce-{nonce_of(request.scope)}'"
    headers = {"Content-Security-Policy": policy.format(nonce=nonce, sent_on="")}
    return render(request, "pages/graphiql/page.html", actor, {"tabs": tabs}, headers=headers)


ROUTE = Route("/graphiql", show, methods=["GET"], name="graphiql")
