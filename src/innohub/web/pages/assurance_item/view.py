"""One item of an assurance passport: its supplier adds evidence, an officer judges it once, and a
reviewer of each force answers it."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.errors import NotFound
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.assurance import commands, service
from innohub.market.assurance.models import ITEM, AssuranceStatus, VerificationMethod
from innohub.market.pilots import service as pilots
from innohub.web.documents import LARGEST_BODY
from innohub.web.page import Data, Page, step
from innohub.web.reading import global_id
from innohub.web.uploads import limits, upload

P = Permission
METHODS = [
    (VerificationMethod.ISSUERS_REGISTER.value, "Found in the issuer’s register"),
    (VerificationMethod.EVIDENCE_READ.value, "Read the evidence"),
    (VerificationMethod.ISSUER_ASKED.value, "Asked the issuer"),
    (VerificationMethod.SEEN_AT_HOLDER.value, "Saw it at its holder"),
    (VerificationMethod.SITE_VISIT.value, "Visited the site"),
]
RENEWABLE = frozenset({"DECLARED", "EVIDENCE_UPLOADED", "VERIFIED", "EXPIRED", "REJECTED"})


def variables(request: Request) -> Data:
    try:
        number = int(request.path_params["number"])
    except ValueError:
        raise NotFound("This page does not exist.") from None
    return {"id": global_id("AssuranceItem", number)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    item = data["item"]
    if item["technology"] is None:
        raise NotFound("This page does not exist.")
    help = {value["value"]: value["help"] for value in data["types"]}
    return {
        "item": item,
        "technology": item["technology"],
        "covers": help.get(item["type"]),
        "can": _steps(item, actor),
        "methods": METHODS,
        **limits(),
        "parts": data["additions"] if item["type"] == "dpia" else ADDENDUM,
        "replaced": any(newer["status"] in OPEN_OR_HELD for newer in item["renewals"]["nodes"]),
    }


ADDENDUM = [{"value": "addendum", "label": "What your force adds", "help": None}]
OPEN_OR_HELD = frozenset({"DECLARED", "EVIDENCE_UPLOADED", "VERIFIED"})


def _steps(item: Data, actor: Actor) -> dict[str, bool]:
    """What the reader may do with the item now."""
    supplier = identifiers.decode(item["technology"]["supplier"]["id"])[1]
    status = AssuranceStatus(item["status"].lower())
    writes = actor.may(P.ASSURANCE_WRITE, supplier)
    inside = any(seat.organisation_id == supplier for seat in actor.seats)
    judges = actor.may(P.ASSURANCE_VERIFY) and not inside
    official = item["classification"] == "OFFICIAL"
    return {
        "add_evidence": writes and official and ITEM.allows("add_evidence", status),
        "renew": writes and item["status"] in RENEWABLE,
        "verify": judges and ITEM.allows("verify", status),
        "reject": judges and ITEM.allows("reject", status),
        "respond": actor.may(P.ASSURANCE_RESPOND) and status is AssuranceStatus.VERIFIED,
    }


PAGE = Page(
    "assurance_item",
    "/assurance/{number}",
    variables=variables,
    needed=("item",),
    context=context,
    largest_body=LARGEST_BODY,
    actions={
        "add_evidence": step(
            commands.AddEvidence, service.add_evidence, done="The evidence is stored."
        ),
        "upload": upload(commands.UploadEvidence, service.upload_evidence, P.ASSURANCE_WRITE),
        "remove": step(
            commands.RemoveEvidence, service.remove_evidence, done="The document is removed."
        ),
        "verify": step(
            commands.VerifyItem, pilots.verify_item, done="The item is verified for every force."
        ),
        "reject": step(commands.RejectItem, pilots.reject_item, done="The item is rejected."),
        "respond": step(
            commands.RespondToItem, pilots.respond_to_item, done="Your force’s answer is stored."
        ),
    },
)
