"""People in a browser."""

from collections.abc import Mapping
from typing import Any

from innohub.cli.calling import Caller, Refused
from innohub.cli.demo.accounts import Login
from innohub.cli.demo.browsing import ReadPage, Values
from innohub.errors import InnoHubError

Upload = tuple[str, bytes, str]
"""File name, content, media type."""


class Person(Caller):
    """Somebody in a browser: a cookie jar, pages and their forms."""

    def __init__(self, hub: str, login: Login | None = None) -> None:
        super().__init__(hub, login.name if login else "A visitor")
        if login is not None:
            self.sign_in(login)

    def sign_in(self, login: Login) -> None:
        """By the page's own form. Raises InnoHubError where it is refused."""
        given = {"email": login.email, "password": login.password}
        page = self.submit("/login", "sign_in", given)
        if any(form.values.get("do") == ["sign_in"] for form in page.forms):
            raise InnoHubError(f"{login.name} could not sign in.")

    def read(self, path: str) -> ReadPage:
        """A page. Raises Refused where there is none to see."""
        return self._page("GET", path)

    def submit(
        self,
        path: str,
        do: str,
        given: Values,
        *,
        hidden: Values | None = None,
        files: Mapping[str, Upload] | None = None,
    ) -> ReadPage:
        """Fill in the form `do` of a page and send it; the page that comes then.

        Raises Refused with the page's error summary where the form comes back.
        """
        return self.submit_from(self.read(path), path, do, given, hidden=hidden, files=files)

    def submit_from(
        self,
        page: ReadPage,
        path: str,
        do: str,
        given: Values,
        *,
        hidden: Values | None = None,
        files: Mapping[str, Upload] | None = None,
    ) -> ReadPage:
        """As `submit`, of a page that is open already."""
        form = page.form(do, hidden or {})
        unknown = set(files or {}) - form.files
        if unknown:
            raise InnoHubError(f"The form “{do}” takes no file “{', '.join(unknown)}”.")
        return self._page("POST", path, data=form.filled(given), files=files)

    def _page(self, method: str, path: str, **given: Any) -> ReadPage:
        answer = self.send(method, path, follow_redirects=True, **given)
        page = ReadPage(answer.text)
        if answer.status_code != 200:
            told = "; ".join(page.errors) or page.text[:200]
            raise Refused(
                str(answer.status_code),
                f"{self.name} was refused on {path} ({answer.status_code}): {told}",
            )
        return page
