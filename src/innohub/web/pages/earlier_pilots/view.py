"""Pilots from before the hub, as their forces tell them: no evidence, and nobody's surprise."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page
from innohub.web.paging import page_of

PAGE_SIZE = 20


def variables(request: Request) -> Data:
    kpi = _kpi(request)
    return {"filter": {"kpi": [kpi]} if kpi else {}, **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"chosen": _kpi(request)}


def _kpi(request: Request) -> str:
    return request.query_params.get("kpi", "")[:100]


PAGE = Page(
    "earlier_pilots", "/register/earlier", variables=variables, context=context, signed_in=True
)
