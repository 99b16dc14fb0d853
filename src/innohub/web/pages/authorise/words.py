"""What each scope lets a program do, to the person who is asked for it."""

from collections.abc import Collection

from innohub.identity.oauth.openid import IdentityScope
from innohub.identity.permissions import Scope

OF_SCOPE = {
    Scope.ASSURANCE_WRITE: "declare how your technologies are assured, and add the evidence",
    Scope.CHALLENGES_RESPOND: "ask about challenges, and respond to them",
    Scope.EVENTS_SUBSCRIBE: "see your integrations and what was sent to your systems",
    Scope.LISTINGS_READ: "read your listings, the unpublished too",
    Scope.LISTINGS_WRITE: "write your listings, submit them and withdraw them",
    Scope.PILOTS_READ_OWN: "read your organisation’s pilots",
    Scope.PILOTS_RESPOND: "accept or decline pilots, and add documents to them",
    Scope.QUOTES_WRITE: "read your quotes, and quote prices",
    Scope.RESULTS_READ_OWN_PUBLISHED: "read the results of your organisation’s pilots",
    Scope.RESULTS_WRITE: "hand in the data of trials, which somebody then confirms",
}

OF_IDENTITY = {
    IdentityScope.OPENID: "which account at InnoHub is yours",
    IdentityScope.PROFILE: "your name",
    IdentityScope.EMAIL: "your e-mail address",
}


def of(scopes: Collection[str]) -> list[str]:
    """What granted scopes let a program do, and know."""
    does = [text for scope, text in OF_SCOPE.items() if scope in scopes]
    knows = [f"know {text}" for scope, text in OF_IDENTITY.items() if scope in scopes]
    return does + knows
