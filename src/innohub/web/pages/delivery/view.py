"""One delivery: the event it carries, and every attempt with what was sent and answered."""

import json
from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.hub import commands
from innohub.hub import service as hub
from innohub.hub.models import WAITING, Delivery, DeliveryState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web.page import Data, Page, step
from innohub.web.reading import global_id


def variables(request: Request) -> Data:
    return {"id": global_id("Delivery", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    delivery = data["delivery"]
    supplier_id = identifiers.decode(delivery["integration"]["supplier"]["id"])[1]
    waits = DeliveryState[delivery["state"]] in WAITING
    return {
        "delivery": delivery,
        "waits": waits,
        "replays": not waits and actor.may(Permission.CONNECTION_MANAGE, supplier_id),
        "indented": indented,
    }


def indented(value: Any) -> str:
    """JSON as people read it; a text that is none stays as it is."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False)


def _to_the_new_one(request: Request, delivery: Delivery) -> str:
    return f"/deliveries/{delivery.id}"


PAGE = Page(
    "delivery",
    "/deliveries/{number:int}",
    variables=variables,
    needed=("delivery",),
    context=context,
    actions={
        "replay": step(
            commands.ReplayDelivery,
            hub.replay_delivery,
            then=_to_the_new_one,
            done="The event is lined up again, under its old key. This is its new delivery.",
        )
    },
    signed_in=True,
)
