"""One saving: what it is made of, and the finance lead's signature."""

from typing import Any

from starlette.requests import Request

from innohub.db import identifiers
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.savings import commands
from innohub.market.savings import service as savings
from innohub.web.page import Data, Page, step
from innohub.web.pages.savings.words import CLASSES, DRIVERS, METHODS, OCCURRENCES
from innohub.web.reading import global_id


def variables(request: Request) -> Data:
    return {"id": global_id("Saving", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    saving = data["saving"]
    force_id = identifiers.decode(saving["force"]["id"])[1]
    return {
        "saving": saving,
        "name": CLASSES[saving["savingClass"]][0],
        "of_price": saving["savingClass"] in ("CASHABLE", "COST_AVOIDANCE"),
        "driver": DRIVERS[saving["driver"]],
        "occurrence": OCCURRENCES[saving["occurrence"]],
        "method": METHODS[saving["baseline"]["method"]],
        "signs": actor.may(Permission.SAVINGS_SIGN, force_id),
        "enters": actor.may(Permission.SAVINGS_ENTER, force_id),
    }


PAGE = Page(
    "saving",
    "/savings/{number:int}",
    variables=variables,
    needed=("saving",),
    context=context,
    actions={
        "sign": step(commands.SignSaving, savings.sign, done="You signed. The saving counts."),
        "send_back": step(
            commands.SendBackSaving, savings.send_back, done="The saving is sent back."
        ),
        "withdraw": step(
            commands.WithdrawSaving, savings.withdraw, done="The saving is withdrawn."
        ),
        "reverse": step(
            commands.ReverseSaving, savings.reverse, done="The saving counts no longer."
        ),
    },
    signed_in=True,
)
