"""How the viewer signs in, and where they are signed in."""

from datetime import datetime

from sqlalchemy import func

from innohub.graphql.read.declare import Connection, Node, Term, column, many, node, paged
from innohub.graphql.types.clients import Consent
from innohub.identity.models import Person
from innohub.identity.models import SignInSession as Sessions
from innohub.identity.second_factor import policy
from innohub.identity.second_factor.models import Passkey as Passkeys


@node(Sessions, policy.own_session, name="SignInSession")
class SignInSession(Node):
    """A browser in which the viewer is signed in."""

    browser: str = column(Sessions.browser, "In words, as in: Firefox on Windows.")
    address: str = column(Sessions.address, "The network address from which it was signed in.")
    began_at: datetime = column(Sessions.created_at)
    proved_at: datetime = column(
        lambda row: func.coalesce(row.proved_at, row.created_at),
        "When the person last showed there who they are.",
    )
    methods: list[str] = column(Sessions.methods, "What they showed then.")
    expires_at: datetime = column(Sessions.expires_at)


@node(Passkeys, policy.own_passkey, name="Passkey")
class Passkey(Node):
    """A key of the viewer's own device or password manager, with which they sign in."""

    name: str = column(Passkeys.name)
    added_at: datetime = column(Passkeys.created_at)
    last_used_at: datetime | None = column(Passkeys.last_used_at)


@node(Person, policy.own_account, name="Account")
class Account(Node):
    """How the viewer signs in. It is changed on the hub's pages only, by the person themselves."""

    email: str = column(Person.email)
    has_password: bool = column(policy.has_password)
    may_have_password: bool = column(
        policy.may_have_password, "Whether no organisation of theirs signs its people in itself."
    )
    has_authenticator_app: bool = column(policy.has_app)
    recovery_codes_left: int = column(policy.codes_left)
    passkeys: list[Passkey] = many(
        lambda row, key: key.person_id == row.id,
        lambda key: [key.id],
        "At most ten.",
        "The oldest first.",
    )
    sessions: Connection[SignInSession] = paged(
        lambda row, one: one.person_id == row.id,
        "The newest first; those signed out are gone, those expired go a while later.",
        order=lambda one, given: [Term(one.created_at, descending=True)],
    )
    consents: Connection[Consent] = paged(
        lambda row, one: one.person_id == row.id,
        "The programs that the viewer lets act for them, the latest first.",
        order=lambda one, given: [Term(one.created_at, descending=True)],
    )
