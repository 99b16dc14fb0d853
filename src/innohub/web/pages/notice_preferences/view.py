"""What somebody is told by e-mail, and how often."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.notices.commands import SetDigestCadence
from innohub.notices.models import Cadence
from innohub.notices.preferences import set_cadence
from innohub.web.page import Data, Page, step

CADENCES = {
    Cadence.DAILY: "Every working day",
    Cadence.WEEKLY: "Once a week",
    Cadence.MONTHLY: "Once a month",
    Cadence.NEVER: "Never",
}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"cadences": list(CADENCES.items())}


PAGE = Page(
    "notice_preferences",
    "/notices/preferences",
    needed=("noticePreferences",),
    context=context,
    actions={"cadence": step(SetDigestCadence, set_cadence, done="Your choice is stored.")},
    signed_in=True,
)
