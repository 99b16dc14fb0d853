"""A page: an address, what it reads, what it shows, and the forms that can be sent to it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from innohub.command import Command
from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import InnoHubError, Invalid, NotFound, NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.step_up import StepUpRequired
from innohub.identity.throttle import TooManyAttempts
from innohub.web import confirming, flash, keeping, refusals
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Form, Sent, given_in, sent_in
from innohub.web.proving import holds_proof, prove
from innohub.web.reading import HEADER, Document, document_in, read
from innohub.web.rendering import render
from innohub.web.security import cookies
from innohub.web.security.csrf import checked_form, form_token, media_type

Data = Mapping[str, Any]
Variables = Callable[[Request], Data | Awaitable[Data]]
Context = Callable[[Request, Data, Actor], Data | Awaitable[Data]]
Perform = Callable[[Request, Sent], Awaitable[Response]]
"""Carries out a form. Raises InnoHubError to have it shown again, with what is wrong."""
Service = Callable[[UnitOfWork, Actor, Any], Awaitable[Any]]

WHOLE_PAGE = frozenset({401, 403, 404})
"""Refusals that no form can mend."""


def nothing(*_: Any) -> Data:
    return {}


@dataclass(frozen=True)
class Page:
    """The page in the folder `pages/<name>`.

    `variables` makes the query's variables of the request, perhaps by another read; `needed` are
    the keys of the answer without which there is no page (404); `context` adds what the template
    needs beside `data`; `actions` carry out the page's forms, by the name each sends as `do`.
    """

    name: str
    path: str
    variables: Variables = nothing
    needed: tuple[str, ...] = ()
    context: Context = nothing
    actions: Mapping[str, Perform] = field(default_factory=dict)
    signed_in: bool = False
    largest_body: int | None = None
    """Bytes that a form may have, where files are sent; else the hub's own limit counts."""
    files_need: Permission | None = None
    """What the sender of a file has to hold somewhere: else it is refused before it is read."""
    streams_files: bool = False
    """An action gets a file as it lies on disk, to be read piece by piece, not as bytes."""
    named_by: str | None = None
    """The key of the answer that the address's slug names: where that answers to another slug by
    now, the page is there."""
    signs_in: bool = False
    """Its own actions judge what somebody shows of themselves."""
    document: Document | None = field(init=False)

    def __post_init__(self) -> None:
        folder = files("innohub.web.pages").joinpath(self.name)
        object.__setattr__(self, "document", document_in(folder))

    @property
    def template(self) -> str:
        return f"pages/{self.name}/page.html"

    def route(self) -> Route:
        methods = ["GET", "POST"] if self.actions else ["GET"]
        return Route(
            self.path,
            self.respond,
            methods=methods,
            name=self.name,
            max_body_size=self.largest_body,
        )

    async def respond(self, request: Request) -> Response:
        try:
            if request.method == "POST":
                return await self._carry_out(request)
            return await self._shown_again(request) or await self.show(request)
        except StepUpRequired as error:
            return RedirectResponse(refusals.onward(str(error.address), request), 303)
        except InnoHubError as error:
            return await refusals.refuse(request, error)

    async def _carry_out(self, request: Request) -> Response:
        private = self.signed_in or self.largest_body is not None
        if private and not (await caller_of(request)).actor.signed_in:
            # Before its body is read: a stranger's files are not, on a page for everybody neither.
            await self._require_lately(request)
        if self.files_need is not None and media_type(request) == "multipart/form-data":
            (await caller_of(request)).actor.require(self.files_need)
        async with checked_form(request) as form:
            sent = await sent_in(form, whole=not self.streams_files)
            try:
                return await self._signed(request, sent)
            except NotSignedIn:
                await self._require_lately(request)
                kept = await keeping.to_sign_in(request, sent)
                if kept is None:
                    raise
                return kept

    async def _require_lately(self, request: Request) -> None:
        """Raise NotSignedIn where a form of the sender's is not kept while they sign in."""
        keeps = self.largest_body is None and not self.signs_in
        if not keeps or await keeping.whose(request) is None:
            raise NotSignedIn("Sign in to do this.")

    async def _shown_again(self, request: Request) -> Response | None:
        """The page with the form that was kept while its sender signed in; None without one."""
        sent = await keeping.taken(request) if self.actions else None
        if sent is None:
            return None
        error = keeping.NotSent()
        form = Form(lambda: form_token(request), sent, error, refusals.here(request))
        response = await self.show(request, form)
        cookies.drop(response, keeping.KEPT, request.app.state.settings)
        return response

    async def _signed(self, request: Request, sent: Sent) -> Response:
        """Where the form is to be signed, its sender is asked to show who they are; their answer
        brings the form along, which is then carried out."""
        if holds_proof(sent) and not self.signs_in:
            try:
                sent = await prove(request, sent)
            except (Invalid, TooManyAttempts) as error:
                return await confirming.ask(request, sent, error)
        try:
            return await self._act(request, sent)
        except StepUpRequired:
            return await confirming.ask(request, sent)

    async def _act(self, request: Request, sent: Sent) -> Response:
        action = self.actions.get(str(sent.get(DO, [""])[0]))
        if action is None:
            raise Invalid("This page has no such form.")
        try:
            return await action(request, sent)
        except InnoHubError as error:
            if error.status in WHOLE_PAGE:
                raise
            refused = Form(lambda: form_token(request), sent, error, refusals.here(request))
            response = await self.show(request, refused, error.status)
            if isinstance(error, TooManyAttempts):
                response.headers["Retry-After"] = str(error.retry_after)
            return response

    async def show(self, request: Request, form: Form | None = None, status: int = 200) -> Response:
        """The page, with a form as it was sent where there is one. For an action that asks on."""
        actor = (await caller_of(request)).actor
        if self.signed_in and not actor.signed_in:
            raise NotSignedIn("Sign in to see this page.")
        data = await self._read(request, headed=actor.person_id is not None)
        if any(data[name] is None for name in self.needed):
            raise NotFound("This page does not exist.")
        moved = self._moved_to(request, data)
        if moved is not None:
            return RedirectResponse(moved, 301)
        unread = data.get("unreadNotices", {}).get("totalCount", 0)
        given = self.context(request, data, actor)
        beside = await given if isinstance(given, Awaitable) else given
        context = {"data": data, "unread": unread, **beside}
        return render(request, self.template, actor, context, form=form, status=status)

    def _moved_to(self, request: Request, data: Data) -> str | None:
        """The same page at the slug of today; None where it is here."""
        if self.named_by is None:
            return None
        asked, slug = request.path_params["slug"], str(data[self.named_by]["slug"])
        if asked == slug or request.method == "POST":
            return None
        query = request.url.query
        return self.path.replace("{slug}", slug) + (f"?{query}" if query else "")

    async def _read(self, request: Request, *, headed: bool) -> Data:
        """The page's data in one round trip, with the header's for a person who is signed in."""
        if self.document is None:
            return await read(request, HEADER, {}, headed=True) if headed else {}
        given = self.variables(request)
        variables = await given if isinstance(given, Awaitable) else given
        found: Data = await read(request, self.document, variables, headed=headed)
        return found


def step(
    command: type[Command],
    service: Service,
    *,
    done: str | Callable[[Any], str],
    then: Callable[[Request, Any], str] | None = None,
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Perform:
    """A form that is one command: parsed as the API parses it, carried out in one unit of work.

    Then back to the page, or to the address that `then` makes of what the service returned, with
    the sentence `done`, which may hang on it too. `prepare` rewrites the fields where the form asks
    otherwise than the command: pounds for pence.
    """

    async def perform(request: Request, sent: Sent) -> Response:
        caller = await caller_of(request)
        if not caller.actor.signed_in:
            raise NotSignedIn("Sign in to do this.")
        given = given_in({name: v for name, v in sent.items() if name != DO}, command)
        parsed = command.parse(prepare(given) if prepare else given)
        database: Database = request.app.state.database
        async with database.unit_of_work(signature_of(request, caller)) as work:
            row = await service(work, caller.actor, parsed)
        sentence = done(row) if callable(done) else done
        return back(request, then(request, row) if then else refusals.here(request), sentence)

    return perform


def back(request: Request, address: str, sentence: str | None = None) -> Response:
    """To a page of the hub after a form was carried out, with a sentence to show there."""
    response = RedirectResponse(address, 303)
    if sentence is not None:
        flash.put(response, sentence, request.app.state.settings)
    return response
