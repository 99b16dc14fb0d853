"""One listing at work: its supplier writes and submits it, a reviewer publishes it or sends it
back, an officer suspends and reinstates it."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.assurance import service as assurance
from innohub.market.catalogue import commands
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.models import EDITABLE, LISTING, ListingState, Section
from innohub.web.page import Data, Page, step
from innohub.web.pages.listings.facts import INTERVALS, LEVELS, UNITS, in_pence

P = Permission
AS_SUPPLIER = (P.LISTING_EDIT, P.LISTING_SUBMIT, P.LISTING_WITHDRAW, P.ASSURANCE_WRITE)
AS_OVERSEER = (P.LISTING_REVIEW, P.LISTING_SUSPEND, P.ASSURANCE_VERIFY)
VERBS = {
    "submit": P.LISTING_SUBMIT,
    "approve": P.LISTING_REVIEW,
    "request_changes": P.LISTING_REVIEW,
    "suspend": P.LISTING_SUSPEND,
    "reinstate": P.LISTING_SUSPEND,
    "withdraw": P.LISTING_WITHDRAW,
}
PROMPTS = {
    Section.WHAT_IT_DOES: "What it does",
    Section.HOW_IT_WORKS: "How it works",
    Section.DATA_USE: "What data it uses",
    Section.DEPLOYMENT_AND_INTEGRATION: "Putting it to use",
    Section.PRICE_AND_TERMS: "Price and terms",
    Section.SUPPORT: "Support",
}


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    technology = data["technology"]
    supplier = identifiers.decode(technology["supplier"]["id"])[1]
    held = {p for p in AS_SUPPLIER if actor.may(p, supplier)}
    of_supplier = any(seat.organisation_id == supplier for seat in actor.seats)
    if not of_supplier:
        held |= {p for p in AS_OVERSEER if actor.may(p)}
    if not held and not of_supplier:
        raise Denied("This listing is worked on by its supplier and by reviewers.")
    state = ListingState(technology["state"].lower())
    return {
        "technology": technology,
        "can": {
            **{verb: p in held and _is_next(verb, state) for verb, p in VERBS.items()},
            "edit": P.LISTING_EDIT in held and state in EDITABLE,
            "declare": P.ASSURANCE_WRITE in held,
        },
        "sections": _sections(technology),
        "missing": _missing(technology),
        "levels": LEVELS,
        "units": UNITS,
        "intervals": INTERVALS,
    }


def _is_next(verb: str, state: ListingState) -> bool:
    return any(step.verb == verb and state in step.sources for step in LISTING.transitions)


def _sections(technology: Data) -> list[dict[str, Any]]:
    written = {section["section"].lower(): section for section in technology["sections"]}
    return [
        {"name": name.value, "title": title, "text": written.get(name.value)}
        for name, title in PROMPTS.items()
    ]


def _missing(technology: Data) -> list[str]:
    """What still has to be there before it can be submitted, in words."""
    found = [s["title"] for s in _sections(technology) if s["text"] is None]
    if technology["price"] is None:
        found.append("A price")
    if not technology["capabilities"]:
        found.append("What it serves")
    return found


PAGE = Page(
    "listing",
    "/listings/{slug}",
    variables=variables,
    needed=("technology",),
    context=context,
    actions={
        "edit": step(
            commands.EditTechnology, catalogue.edit, prepare=in_pence, done="The facts are stored."
        ),
        "write_section": step(
            commands.WriteSection, catalogue.write_section, done="The section is stored."
        ),
        "submit": step(
            commands.SubmitTechnology,
            assurance.submit,
            done="The listing is submitted. A reviewer answers within five working days.",
        ),
        "approve": step(
            commands.ApproveTechnology, catalogue.approve, done="The listing is published."
        ),
        "request_changes": step(
            commands.RequestChanges,
            catalogue.request_changes,
            done="The listing went back to its supplier.",
        ),
        "suspend": step(
            commands.SuspendTechnology, catalogue.suspend, done="The listing is suspended."
        ),
        "reinstate": step(
            commands.ReinstateTechnology,
            assurance.reinstate,
            done="The listing is published again.",
        ),
        "withdraw": step(
            commands.WithdrawTechnology, catalogue.withdraw, done="The listing is withdrawn."
        ),
    },
    signed_in=True,
)
