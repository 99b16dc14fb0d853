"""What a force can do about pilots like the one it asks for."""

from collections.abc import Iterable
from typing import Any

from innohub.market.pilots.joining import JOINABLE
from innohub.market.pilots.models import OverlapChoice, PilotState, SiteRole
from innohub.web.wording import words

_HELP = {
    OverlapChoice.JOIN_AS_SITE: "One of them takes your force in as a further site.",
    OverlapChoice.REPLICATE_DIFFERENT_CONTEXT: "The same trial where things are different, to see "
    "whether it holds.",
    OverlapChoice.INDEPENDENT_CHECK: "The same trial again, by somebody with no stake in it.",
    OverlapChoice.PROCEED_WITH_REASON: "A pilot of your own. The board reads why it is needed.",
}
SITE_ROLES = [
    {
        "value": SiteRole.TREATMENT.value,
        "label": "With the technology",
        "help": "It is used there.",
    },
    {
        "value": SiteRole.COMPARISON.value,
        "label": "For comparison",
        "help": "What happens without it is counted there.",
    },
]
"""Options for radios."""


def joinable(pilots: Iterable[Any], technology: Any) -> list[tuple[str, str]]:
    """Of pilots that were read, those of the same technology that can be joined, for a select."""
    return [
        (pilot["id"], f"{pilot['title']} ({pilot['force']['name']})")
        for pilot in pilots
        if pilot
        and pilot["force"]
        and technology
        and pilot["technology"]
        and pilot["technology"]["slug"] == technology["slug"]
        and PilotState[pilot["state"]] in JOINABLE
    ]


def choices(*, join: bool) -> list[dict[str, str]]:
    """Options for radios, the cheapest for policing first; `join`: whether there is a pilot that
    can be joined."""
    return [
        {"value": choice.value, "label": words(choice), "help": _HELP[choice]}
        for choice in OverlapChoice
        if join or choice is not OverlapChoice.JOIN_AS_SITE
    ]
