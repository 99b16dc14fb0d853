"""From a template to a response: the templates' environment, and what each of them is given."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    PackageLoader,
    PrefixLoader,
    Undefined,
)
from jinja2.bccache import Bucket
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web import assets, charts, flash, live_notices, series, wording
from innohub.web.forms import Form
from innohub.web.gantt import gantt
from innohub.web.security.csrf import form_token
from innohub.web.security.headers import nonce_of

FILTERS = (
    wording.day,
    wording.grade,
    wording.in_pounds,
    wording.label_in,
    wording.lowered,
    wording.moment,
    wording.month,
    wording.number,
    wording.paragraphs,
    wording.plural,
    wording.pounds,
    wording.price,
    wording.size,
    wording.words,
)

CURSORS = frozenset({"after", "before"})


class Templates(Environment):
    """Finds the keys of a mapping before its methods: `round.items` are the round's."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def templates() -> Templates:
    environment = Templates(
        loader=ChoiceLoader(
            [
                PackageLoader("innohub.web", "templates"),
                PrefixLoader(
                    {
                        "pages": PackageLoader("innohub.web", "pages"),
                        "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    }
                ),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=Undefined,
        extensions=["jinja2.ext.do"],
    )
    environment.filters.update({each.__name__: each for each in FILTERS})
    environment.globals.update(
        asset=assets.address,
        effect_words=charts.effect_words,
        gantt=gantt,
        interval_chart=charts.interval_chart,
        series_chart=series.series_chart,
        series_rows=series.series_rows,
        with_query=with_query,
        without=without,
        P=Permission,
        live_notices=live_notices,
    )
    return environment


class Compiled(FileSystemBytecodeCache):
    """Without it the first reader of a large page waits a second for its templates. A folder that
    cannot be written to costs that second again, and nothing else."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def keep_compiled(folder: Path) -> None:
    """Keep there what templates compile to, from one process to the next. Whoever may write there
    decides what the hub runs: nobody but the hub itself."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        templates().bytecode_cache = Compiled(str(folder))


def render(
    request: Request,
    template: str,
    actor: Actor,
    context: Mapping[str, Any] | None = None,
    *,
    form: Form | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A whole page. A sentence carried by a redirect is shown once."""
    settings = request.app.state.settings
    said = flash.held(request)
    text = (
        templates()
        .get_template(template)
        .render(
            {
                **(context or {}),
                "request": request,
                "actor": actor,
                "settings": settings,
                "form": form or Form(lambda: form_token(request)),
                "flash": said,
                "cspNonce": nonce_of(request.scope),
            }
        )
    )
    response = HTMLResponse(text, status, {"Cache-Control": "no-store", **(headers or {})})
    if said is not None:
        flash.drop(response, settings)
    return response


def with_query(request: Request, **changed: Any) -> str:
    """The page's own address with some of its query changed: None drops a parameter."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in changed]
    return _address(request, [*kept, *((n, v) for n, v in changed.items() if v is not None)])


def without(request: Request, name: str, value: Any = None) -> str:
    """The page's own address, from its first page on, without one filter, or one value of it."""
    kept = [
        (other, given)
        for other, given in request.query_params.multi_items()
        if other not in CURSORS and (other != name or value not in (None, given))
    ]
    return _address(request, kept)


def _address(request: Request, query: list[tuple[str, Any]]) -> str:
    return request.url.path + (f"?{urlencode(query)}" if query else "")
