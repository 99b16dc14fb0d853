"""Somebody who reads pages and sends their forms, as a browser without JavaScript does."""

from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.responses import Response

from innohub.identity import sessions
from innohub.identity.models import Person
from innohub.web.security import cookies
from tests.web.html import Element, parse


class Seen:
    """A page as it came."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.document = parse(response.text)

    @property
    def main(self) -> Element:
        return self.document.one("main")

    @property
    def title(self) -> str:
        return self.document.one("title").text

    @property
    def heading(self) -> str:
        return self.document.one("h1").text

    @property
    def flash(self) -> str:
        return self.document.one(class_="govuk-notification-banner__content").text

    @property
    def problems(self) -> list[str]:
        """The error summary's lines, each of which leads to a field that is there."""
        summary = self.document.all(class_="govuk-error-summary__list")
        if not summary:
            return []
        for link in summary[0].all("a"):
            if link["href"].startswith("#"):
                assert self.document.all(id=link["href"].removeprefix("#")), link["href"]
        return [line.text for line in summary[0].all("li")]

    def links(self, text: str | None = None) -> list[str]:
        return [a["href"] for a in self.main.all("a") if text is None or a.text == text]

    def form(self, do: str, **hidden: str) -> Element:
        """The form of that name, where these are among its hidden fields."""
        found = [
            form
            for form in self.main.all("form")
            if form.all("input", name="do", value=do)
            and all(form.all("input", name=n, value=v) for n, v in hidden.items())
        ]
        assert len(found) == 1, f"{len(found)} forms {do} {hidden}"
        return found[0]

    def has_form(self, do: str) -> bool:
        return bool(self.document.all("input", name="do", value=do))


class Visitor:
    """Keeps cookies from one page to the next."""

    def __init__(self, app: Starlette, base_url: str) -> None:
        self.app = app
        transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 5000))
        self.client = httpx2.AsyncClient(transport=transport, base_url=base_url)

    async def sign_in_as(self, person: Person) -> "Visitor":
        """With a session of the person, without the cost of a password."""
        state = self.app.state
        now = state.database.clock()
        async with state.database.session() as session, session.begin():
            opened = await sessions.begin(session, person.id, now=now, hours=12)
        jar = Response()
        cookies.write(jar, cookies.SESSION, opened.token, state.settings)
        name, _, value = jar.headers["set-cookie"].partition(";")[0].partition("=")
        self.client.cookies.set(name, value)
        return self

    async def see(self, path: str) -> Seen:
        return Seen(await self.client.get(path))

    async def send(self, path: str, do: str, fields: dict[str, Any], **hidden: str) -> Any:
        """Open the page, fill its form in and send it. The page it leads to, or the form again.

        A list as a value sends the field several times, bytes send a file.
        """
        form = (await self.see(path)).form(do, **hidden)
        sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
        files = {name: ("upload.csv", v) for name, v in fields.items() if isinstance(v, bytes)}
        sent |= {name: v for name, v in fields.items() if not isinstance(v, bytes)}
        response = await self.client.post(path, data=sent, files=files or None)
        if response.status_code == 303:
            return await self.see(response.headers["location"])
        return Seen(response)
