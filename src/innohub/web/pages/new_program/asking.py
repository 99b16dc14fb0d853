"""What a form about a program asks, and how its answers are read: registered anew, or changed."""

from typing import Any

from innohub.identity.actor import Actor
from innohub.identity.oauth.clients import SCOPES_OF_KIND
from innohub.identity.permissions import Permission
from innohub.web.pages.authorise import words

BOUND = [("false", "No"), ("true", "Yes: a stolen token alone is worth nothing (DPoP)")]
PUSHED = [
    ("false", "No"),
    ("true", "Yes: nothing that a browser carries can be altered on its way (PAR)"),
]
ADDRESSES = ("redirect_uris", "post_logout_redirect_uris")


def scopes(actor: Actor) -> list[dict[str, str]]:
    """What programs of the actor's organisations may hold, as choices: in words, with the name by
    which a program asks for it."""
    held = [seat for seat in actor.seats if Permission.CLIENT_MANAGE in seat.permissions]
    allowed = {scope for seat in held for scope in SCOPES_OF_KIND[seat.kind]}
    return [
        {"value": scope.value, "label": text[0].upper() + text[1:], "help": scope.value}
        for scope, text in words.OF_SCOPE.items()
        if scope in allowed
    ]


def understood(given: dict[str, Any]) -> dict[str, Any]:
    """The fields as a command takes them: one address a line, and answers of yes or no."""
    found = dict(given)
    for name in ADDRESSES:
        found[name] = [line for text in given.get(name, []) for line in text.split()]
    for name in ("dpop_bound", "par_required", "sandbox"):
        if found.get(name) in ("true", "false"):
            found[name] = found[name] == "true"
    return found
