"""What a browser without JavaScript makes of a page: its text, its links and its forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from innohub.errors import InnoHubError

Values = Mapping[str, str | list[str]]
UNSENT = frozenset({"submit", "button", "image", "reset"})
SILENT = frozenset({"script", "style", "template"})
ERROR_SUMMARY = "govuk-error-summary"


@dataclass
class PageForm:
    """A form as it stands on the page."""

    values: dict[str, list[str]] = field(default_factory=dict)
    """What would be sent if nothing were touched."""
    options: dict[str, set[str]] = field(default_factory=dict)
    """By the name of a select, of radios or checkboxes: what can be chosen."""
    files: set[str] = field(default_factory=set)

    def filled(self, given: Values) -> dict[str, list[str]]:
        """What is sent with `given` filled in. Raises InnoHubError for a field or a choice that the
        form does not offer: a person could not give it either."""
        sent = {name: list(values) for name, values in self.values.items()}
        for name, value in given.items():
            chosen = value if isinstance(value, list) else [value]
            if name not in self.values and name not in self.options:
                fields = ", ".join(sorted(self.values.keys() | self.options.keys()))
                raise InnoHubError(f"The form has no field “{name}”: it has {fields}.")
            missing = set(chosen) - self.options.get(name, set(chosen))
            if missing:
                raise InnoHubError(f"The field “{name}” does not offer {', '.join(missing)}.")
            sent[name] = chosen
        return sent


class ReadPage(HTMLParser):
    """A page, read. Raises nothing: what is no HTML has no forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[PageForm] = []
        self.errors: list[str] = []
        self._texts: list[str] = []
        self._form: PageForm | None = None
        self._select: str | None = None
        self._textarea: str | None = None
        self._silent = 0
        self._summary = 0
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """What can be read, with single spaces."""
        return " ".join(" ".join(self._texts).split())

    def form(self, do: str, hidden: Values) -> PageForm:
        """The form named `do` with these hidden fields. Raises InnoHubError where there is none."""
        wanted = {"do": do, **hidden}
        for form in self.forms:
            if all(form.values.get(name) == [value] for name, value in wanted.items()):
                return form
        known = sorted({form.values.get("do", ["?"])[0] for form in self.forms})
        raise InnoHubError(f"The page has no form “{do}”: it has {', '.join(known) or 'none'}.")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in SILENT:
            self._silent += 1
        if tag == "div" and (self._summary or ERROR_SUMMARY in given.get("class", "").split()):
            self._summary += 1
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self._form = PageForm()
            if given.get("method", "").lower() == "post":
                self.forms.append(self._form)
        elif self._form is not None and (given.get("name") or tag == "option"):
            self._field(self._form, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1
        elif tag == "div" and self._summary:
            self._summary -= 1
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None and self._form is not None:
            self._form.values[self._textarea][-1] += data.removeprefix("\n")
        elif not self._silent:
            self._texts.append(data)
            if self._summary and data.strip():
                self.errors.append(" ".join(data.split()))

    def _field(self, form: PageForm, tag: str, given: Mapping[str, str]) -> None:
        name = given.get("name", "")
        if tag == "input" and given.get("type", "text") not in UNSENT:
            self._input(form, name, given)
        elif tag == "textarea":
            self._textarea = name
            form.values.setdefault(name, []).append("")
        elif tag == "select":
            self._select = name
            form.options[name] = set()
        elif tag == "option" and self._select is not None:
            form.options[self._select].add(given.get("value", ""))
            if "selected" in given:
                form.values[self._select] = [given.get("value", "")]

    def _input(self, form: PageForm, name: str, given: Mapping[str, str]) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind == "file":
            form.files.add(name)
        elif kind in ("radio", "checkbox"):
            form.options.setdefault(name, set()).add(given.get("value", "on"))
            if "checked" in given:
                form.values.setdefault(name, []).append(given.get("value", "on"))
        else:
            form.values.setdefault(name, []).append(value)
