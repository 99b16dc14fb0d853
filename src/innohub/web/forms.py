"""Forms: what a browser sent, as a command takes it; what was refused, as a template shows it."""

import re
from collections.abc import Callable, Iterable, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from innohub.errors import Conflict, InnoHubError, Problem
from innohub.web.wording import plain_problem

DO = "do"
"""The hidden field that says which of a page's forms was sent."""
DATE = re.compile(r"(.+)-(day|month|year)")
INDEX = re.compile(r"[0-9]{1,3}")

Sent = dict[str, list[str | bytes | UploadFile]]
"""Every field as it came, in order; an upload as its bytes, or as it lies on disk."""


class Upload(bytes):
    """A file as it came, with the name that its sender gave it."""

    filename: str = ""

    @classmethod
    def of(cls, content: bytes, filename: str) -> "Upload":
        upload = cls(content)
        upload.filename = filename
        return upload


async def sent_in(form: FormData, *, whole: bool = True) -> Sent:
    """The fields of a form; file inputs left empty are left out. `whole`: files are read."""
    sent: Sent = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                file = Upload.of(await value.read(), value.filename) if whole else value
                sent.setdefault(name, []).append(file)
        else:
            sent.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return sent


def given_in(sent: Sent, model: type[BaseModel]) -> dict[str, Any]:
    """The fields as `model` takes them: `a.0.b` nested, dates put together from their three parts,
    lists without blanks, of anything else the last value. Fields that `model` lacks stay in, so
    that it refuses them."""
    flat: dict[str, Any] = {}
    for name, values in _dated(sent).items():
        flat[name] = values if _is_list(model, name) else values[-1]
        if _is_list(model, name):
            flat[name] = [value for value in values if value != ""]
    return _nested(flat)


def _is_list(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and _holds_several(field.annotation)


def _holds_several(annotation: Any) -> bool:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _holds_several(inner[0])
    if origin in (Union, UnionType):
        return any(_holds_several(one) for one in inner)
    return origin in (list, tuple, set, frozenset)


def _dated(sent: Sent) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    dates: dict[str, dict[str, str]] = {}
    for name, values in sent.items():
        part = DATE.fullmatch(name)
        if part:
            dates.setdefault(part[1], {})[part[2]] = str(values[-1]).strip()
        else:
            found[name] = list(values)
    for name, parts in dates.items():
        found[name] = [_iso(parts)]
    return found


def _iso(parts: Mapping[str, str]) -> str:
    """ISO 8601 where the parts are numbers; else text that no date is, or nothing."""
    given = [parts.get(part, "") for part in ("year", "month", "day")]
    if not any(given):
        return ""
    if all(part.isascii() and part.isdigit() for part in given):
        year, month, day = given
        return f"{year:0>4}-{month:0>2}-{day:0>2}"
    return "not a date"


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        place = root
        for step in path:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                root[name] = value
                break
            place = inner
        else:
            place[last] = value
    return {name: _listed(value) for name, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    if all(INDEX.fullmatch(name) for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


class Form:
    """The state of a page's forms: blank, or one of them sent and refused."""

    def __init__(
        self,
        token: Callable[[], str],
        sent: Sent | None = None,
        error: InnoHubError | None = None,
        address: str = "",
    ) -> None:
        """`address` is the page's own, to load it afresh; an error may lead elsewhere."""
        self._token = token
        self._sent = sent or {}
        self._address = (error and error.address) or address
        self._leads_on = bool(error and error.address)
        self.overtaken = isinstance(error, Conflict)
        """Somebody else changed it first."""
        self._problems: list[Problem] = list(error.problems) if error else []
        self._told: list[tuple[Problem, str, str]] = []

    @property
    def token(self) -> str:
        """For the hidden field `csrf_token` of every form."""
        return self._token()

    @property
    def refused(self) -> bool:
        return bool(self._problems)

    def of(self, do: str, **hidden: Any) -> "Part":
        """The form named `do`; where it stands on the page several times, the one whose hidden
        fields are these."""
        chosen = self._sent.get(DO) == [do] and all(
            self._sent.get(name) == [str(value)] for name, value in hidden.items()
        )
        suffix = "-".join(str(value) for value in hidden.values())
        return Part(self, do, hidden, suffix, chosen)

    def summary(self) -> list[dict[str, str]]:
        """Every problem, in the order of the page's fields; each with a link to its field. To be
        called when all fields have been written."""
        told = [{"text": text, "href": f"#{id}"} for _, text, id in self._told]
        shown = [problem for problem, *_ in self._told]
        # What was overtaken is mended by looking at it again.
        link = {"href": self._address} if self.overtaken or self._leads_on else {}
        return told + [
            {"text": _whole(problem), **link} for problem in self._problems if problem not in shown
        ]


class Part:
    """One form of a page, as its macros see it."""

    def __init__(
        self, form: Form, do: str, hidden: Mapping[str, Any], suffix: str, chosen: bool
    ) -> None:
        self.form = form
        self.do = do
        self.hidden = hidden
        self.suffix = suffix
        self.chosen = chosen

    @property
    def token(self) -> str:
        return self.form.token

    @property
    def refused(self) -> bool:
        return self.chosen and self.form.refused

    def id(self, name: str) -> str:
        parts = [self.do, self.suffix, name.replace(".", "-")]
        return "-".join(part for part in parts if part)

    def hidden_value(self, name: str, value: Any) -> Any:
        """A hidden field's value. An overtaken form keeps the revision that its reader saw: sent
        again as it stands, it is refused again."""
        if name == "revision" and self.chosen and self.form.overtaken:
            return self.value(name, value)
        return value

    def value(self, name: str, otherwise: Any = "") -> Any:
        """What was entered, or else what the page would show at first."""
        if self.chosen and name in self.form._sent:
            return self.form._sent[name][-1]
        return "" if otherwise is None else otherwise

    def values(self, name: str, otherwise: Iterable[Any] = ()) -> list[Any]:
        if self.chosen:
            return list(self.form._sent.get(name, []))
        return list(otherwise)

    def problem(
        self, name: str, label: str, *, choice: bool = False, wrong: str = "", at: str = ""
    ) -> str | None:
        """What is wrong with a field, in plain words; noted for the summary. `at` is appended to
        the id that the summary links to; for the others see `plain_problem`."""
        if not self.chosen:
            return None
        for found in self.form._problems:
            if found.field == name:
                text = plain_problem(found.message, label, choice=choice, wrong=wrong)
                self.form._told.append((found, text, self.id(name) + at))
                return text
        return None


def _whole(problem: Problem) -> str:
    label = (problem.field or "").rpartition(".")[2].replace("_", " ")
    text = plain_problem(problem.message, label) if label else problem.message
    if problem.row is None:
        return text
    return f"Line {problem.row}, column {label}: {text}" if label else f"Line {problem.row}: {text}"
