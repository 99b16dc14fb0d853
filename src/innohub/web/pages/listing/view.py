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
from innohub.market.catalogue.models import EDITABLE, LISTING, ListingState
from innohub.market.catalogue.parts import LABELS
from innohub.market.pilots import service as pilots
from innohub.web.page import Data, Page, step
from innohub.web.pages.listing import content
from innohub.web.pages.listings.facts import CHOICES, as_stored
from innohub.web.stated import labels_of, stated

P = Permission
AS_SUPPLIER = (P.LISTING_EDIT, P.LISTING_SUBMIT, P.LISTING_WITHDRAW, P.ASSURANCE_WRITE)
AS_OVERSEER = (P.LISTING_REVIEW, P.LISTING_SUSPEND, P.ASSURANCE_VERIFY)
VERBS = {
    "suspend": P.LISTING_SUSPEND,
    "reinstate": P.LISTING_SUSPEND,
    "withdraw": P.LISTING_WITHDRAW,
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
    version = technology["latestVersion"]
    waits = version is not None and version["state"] == "IN_REVIEW"
    sent_back = version is not None and version["state"] == "CHANGES_REQUESTED"
    reasons = version["reviewReasons"] if sent_back else {}
    reviews = P.LISTING_REVIEW in held
    conflicted = any(
        one["mine"] and one["supplier"] and one["supplier"]["id"] == technology["supplier"]["id"]
        for one in data["supplierInterests"]["nodes"]
    )
    found = content.shown(technology, as_writer=P.LISTING_EDIT in held and state in EDITABLE)
    return {
        "technology": technology,
        "shown": found,
        "labels": labels_of(data, ("categories", "capabilities")),
        "stated": stated(found, labels_of(data)),
        "can": {
            **{verb: p in held and LISTING.allows(verb, state) for verb, p in VERBS.items()},
            "approve": reviews and not conflicted and waits and _reviewable(state),
            "declare_interest": reviews and not conflicted,
            "submit": _may_submit(technology, state, held),
            "edit": P.LISTING_EDIT in held and state in EDITABLE,
            "declare": P.ASSURANCE_WRITE in held,
        },
        "waits": waits,
        "conflicted": conflicted,
        "duplicates": data["possibleDuplicates"] if reviews and waits else [],
        "sent_back": sent_back,
        "changed": content.changed_words(version),
        "reasons": content.fact_reasons(reasons),
        "sections": content.sections_of(found, reasons),
        "parts": list(LABELS.items()),
        "progress": content.progress(technology) if P.LISTING_EDIT in held else None,
        **CHOICES,
    }


def _reviewable(state: ListingState) -> bool:
    return LISTING.allows("approve", state) or LISTING.allows("adopt", state)


def _may_submit(technology: Data, state: ListingState, held: set[Permission]) -> bool:
    if LISTING.allows("submit", state):
        return P.LISTING_SUBMIT in held
    draft, version = technology["draft"], technology["latestVersion"]
    unsubmitted = draft and version and draft["touchedAt"] > version["submittedAt"]
    return bool(LISTING.allows("amend", state) and P.LISTING_EDIT in held and unsubmitted)


def _with_reasons(given: dict[str, Any]) -> dict[str, Any]:
    """Without the parts for which the reviewer wrote no reason."""
    reasons = [one for one in given.get("reasons", []) if one.get("reason", "").strip()]
    return {**given, "reasons": reasons}


PAGE = Page(
    "listing",
    "/listings/{slug}",
    variables=variables,
    needed=("technology",),
    context=context,
    actions={
        "edit": step(
            commands.EditTechnology, catalogue.edit, prepare=as_stored, done="The facts are stored."
        ),
        "write_section": step(
            commands.WriteSection, catalogue.write_section, done="The section is stored."
        ),
        "submit": step(
            commands.SubmitTechnology,
            assurance.submit,
            done="The listing is submitted. What needs a review is answered within five working "
            "days; anything else is live now.",
        ),
        "approve": step(
            commands.ApproveTechnology, assurance.approve, done="The listing is published."
        ),
        "request_changes": step(
            commands.RequestChanges,
            catalogue.request_changes,
            prepare=_with_reasons,
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
            commands.WithdrawTechnology, pilots.withdraw_listing, done="The listing is withdrawn."
        ),
        "declare_interest": step(
            commands.DeclareSupplierInterest,
            catalogue.declare_supplier_interest,
            done="Your interest is recorded. Somebody else reviews the listings of this supplier.",
        ),
    },
    signed_in=True,
)
