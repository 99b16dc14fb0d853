"""What a force can do about pilots like the one it asks for."""

from innohub.market.pilots.models import OverlapChoice
from innohub.web.wording import words

_HELP = {
    OverlapChoice.JOIN_AS_SITE: "One of them takes your force in as a further site.",
    OverlapChoice.REPLICATE_DIFFERENT_CONTEXT: "The same trial where things are different, to see "
    "whether it holds.",
    OverlapChoice.INDEPENDENT_CHECK: "The same trial again, by somebody with no stake in it.",
    OverlapChoice.PROCEED_WITH_REASON: "A pilot of your own. The board reads why it is needed.",
}
OVERLAP_CHOICES = [
    {"value": choice.value, "label": words(choice), "help": _HELP[choice]}
    for choice in OverlapChoice
]
"""Options for radios, the cheapest for policing first."""
