"""What may be done, and which roles and scopes carry it.

A role carries its permissions inside the organisation it is held in. An API client carries those of
its scopes, for its own organisation. Nothing else grants anything.
"""

from enum import StrEnum

from innohub.identity.models import Role


class Permission(StrEnum):
    ASSURANCE_RESPOND = "assurance:respond"
    ASSURANCE_VERIFY = "assurance:verify"
    ASSURANCE_WRITE = "assurance:write"
    AUDIT_READ = "audit:read"
    CHALLENGE_APPROVE = "challenge:approve"
    CHALLENGE_ASK = "challenge:ask"
    CHALLENGE_CLOSE = "challenge:close"
    CHALLENGE_MERGE = "challenge:merge"
    CHALLENGE_POST = "challenge:post"
    CHALLENGE_READ = "challenge:read"
    CHALLENGE_RESPOND = "challenge:respond"
    CHALLENGE_SPONSOR = "challenge:sponsor"
    CLIENT_MANAGE = "client:manage"
    CONNECTION_MANAGE = "connection:manage"
    CONNECTION_READ = "connection:read"
    CONTEXT_WRITE = "context:write"
    DECISION_TAKE = "decision:take"
    LISTING_EDIT = "listing:edit"
    LISTING_READ = "listing:read"
    LISTING_REVIEW = "listing:review"
    LISTING_SUBMIT = "listing:submit"
    LISTING_SUSPEND = "listing:suspend"
    LISTING_WITHDRAW = "listing:withdraw"
    ORGANISATION_IDENTIFY = "organisation:identify"
    ORGANISATION_MANAGE = "organisation:manage"
    PILOT_ADVISE = "pilot:advise"
    PILOT_APPROVE = "pilot:approve"
    PILOT_ASSURE = "pilot:assure"
    PILOT_COLLABORATE = "pilot:collaborate"
    PILOT_DECIDE = "pilot:decide"
    PILOT_FILE = "pilot:file"
    PILOT_OVERSEE = "pilot:oversee"
    PILOT_PAUSE = "pilot:pause"
    PILOT_READ = "pilot:read"
    PILOT_REQUEST = "pilot:request"
    PILOT_RESPOND = "pilot:respond"
    PILOT_RUN = "pilot:run"
    PILOT_TAKE_DOWN = "pilot:take_down"
    POOL_APPROVE = "pool:approve"
    POOL_COMMIT = "pool:commit"
    POOL_READ = "pool:read"
    POOL_RUN = "pool:run"
    PROTOCOL_CONFIRM = "protocol:confirm"
    PROTOCOL_PROPOSE = "protocol:propose"
    QUOTE_READ = "quote:read"
    QUOTE_WRITE = "quote:write"
    RATING_CREATE = "rating:create"
    RATING_MODERATE = "rating:moderate"
    RATING_REPLY = "rating:reply"
    REGISTER_READ = "register:read"
    RESULT_CONFIRM = "result:confirm"
    RESULT_READ = "result:read"
    RESULT_RECORD = "result:record"
    REVIEW_DECIDE = "review:decide"
    REVIEW_REQUEST = "review:request"
    ROUND_CHAIR = "round:chair"
    ROUND_READ = "round:read"
    ROUND_RUN = "round:run"
    ROUND_SCORE = "round:score"
    SAVINGS_ENTER = "savings:enter"
    SAVINGS_READ = "savings:read"
    SAVINGS_SIGN = "savings:sign"
    SEARCH_LOCK = "search:lock"
    SEARCH_READ = "search:read"
    SUPPLIER_DEBAR = "supplier:debar"
    SYNONYM_EDIT = "synonym:edit"


P = Permission

_FORCE_READS = {
    P.REGISTER_READ, P.PILOT_READ, P.RESULT_READ, P.SEARCH_READ, P.CHALLENGE_READ, P.POOL_READ,
    P.SAVINGS_READ,
}  # fmt: skip
"""`register:read` shows every force's pilots, the unlocked too, so that nobody pilots apart, and
the challenges open to forces; `pilot:read`, `result:read` and `challenge:read` show one's own
organisation's in full; `pool:read` shows what is sealed from suppliers: every quote, and which
force commits to how much; `savings:read` shows every force's signed savings.
`decision:take`, of a force's leadership, shows what waits to be decided,
each thing to whoever may decide it: the vocabulary's digest has a chief officer approve, decline or
delegate."""
_WORKS = {P.PILOT_COLLABORATE, P.PILOT_FILE}
"""Takes part in pilots: tasks and messages, and documents, which those who watch over pilots add,
too."""
_SUPPLIER_READS = {
    P.LISTING_READ, P.PILOT_READ, P.RESULT_READ, P.CONNECTION_READ, P.CHALLENGE_READ,
    P.QUOTE_READ,
}  # fmt: skip

OF_ROLE: dict[Role, frozenset[Permission]] = {
    role: frozenset(permissions)
    for role, permissions in {
        Role.SUPPLIER_ADMIN: _SUPPLIER_READS
        | {
            P.LISTING_EDIT, P.LISTING_SUBMIT, P.LISTING_WITHDRAW, P.ASSURANCE_WRITE,
            P.PILOT_RESPOND, P.RATING_REPLY, P.CONNECTION_MANAGE, P.CLIENT_MANAGE,
            P.CHALLENGE_ASK, P.CHALLENGE_RESPOND, P.QUOTE_WRITE, P.ORGANISATION_IDENTIFY,
            P.REVIEW_REQUEST,
        }
        | _WORKS,
        Role.SUPPLIER_EDITOR: _SUPPLIER_READS
        | {P.LISTING_EDIT, P.ASSURANCE_WRITE, P.CHALLENGE_ASK}
        | _WORKS,
        Role.SUPPLIER_VIEWER: _SUPPLIER_READS,
        Role.INTEGRATION_CLIENT: _SUPPLIER_READS,
        Role.FORCE_INNOVATION_LEAD: _FORCE_READS
        | {
            P.CLIENT_MANAGE, P.CONTEXT_WRITE, P.PILOT_REQUEST, P.PILOT_RUN, P.RATING_CREATE,
            P.SEARCH_LOCK, P.CHALLENGE_CLOSE, P.CHALLENGE_POST, P.CHALLENGE_SPONSOR,
            P.REVIEW_REQUEST,
        }
        | _WORKS,
        Role.FORCE_ANALYST: _FORCE_READS
        | {P.PROTOCOL_PROPOSE, P.PROTOCOL_CONFIRM, P.RESULT_RECORD, P.RESULT_CONFIRM}
        | _WORKS,
        Role.FORCE_SENIOR_RESPONSIBLE_OWNER: _FORCE_READS
        | {
            P.PILOT_APPROVE, P.PILOT_DECIDE, P.PILOT_PAUSE, P.PILOT_RUN,
            P.CHALLENGE_APPROVE, P.CHALLENGE_CLOSE, P.CHALLENGE_SPONSOR, P.DECISION_TAKE,
            P.REVIEW_REQUEST,
        }
        | _WORKS,
        Role.FORCE_CHIEF_OFFICER: _FORCE_READS
        | {
            P.PILOT_APPROVE, P.PILOT_DECIDE, P.CHALLENGE_SPONSOR, P.DECISION_TAKE, P.POOL_APPROVE,
            P.SAVINGS_SIGN,
        }
        | _WORKS,
        Role.FORCE_ASSURANCE_REVIEWER: _FORCE_READS
        | {P.ASSURANCE_RESPOND, P.PILOT_ASSURE}
        | _WORKS,
        Role.FORCE_COMMERCIAL: _FORCE_READS
        | {P.SEARCH_LOCK, P.POOL_COMMIT, P.ORGANISATION_IDENTIFY, P.SAVINGS_ENTER}
        | _WORKS,
        Role.FORCE_VIEWER: _FORCE_READS,
        Role.CATALOGUE_REVIEWER: {P.REGISTER_READ, P.LISTING_REVIEW, P.SYNONYM_EDIT},
        Role.ASSURANCE_OFFICER: {
            P.REGISTER_READ, P.ASSURANCE_VERIFY, P.LISTING_SUSPEND, P.PILOT_PAUSE, P.PILOT_OVERSEE,
            P.PILOT_FILE, P.PILOT_TAKE_DOWN,
        },
        Role.COMMERCIAL_MANAGER: {P.POOL_READ, P.POOL_RUN, P.SAVINGS_READ, P.SUPPLIER_DEBAR},
        Role.PROGRAMME_OFFICER: {
            P.REGISTER_READ, P.ROUND_READ, P.PILOT_FILE, P.PILOT_OVERSEE, P.PILOT_TAKE_DOWN,
            P.RATING_MODERATE, P.CHALLENGE_MERGE, P.POOL_READ, P.SAVINGS_READ,
            P.SUPPLIER_DEBAR,
        },
        Role.PLATFORM_ADMIN: {P.AUDIT_READ, P.ORGANISATION_MANAGE, P.SYNONYM_EDIT},
        Role.BOARD_CHAIR: {
            P.REGISTER_READ, P.POOL_READ, P.ROUND_CHAIR, P.ROUND_READ, P.ROUND_SCORE,
            P.SAVINGS_READ,
        },
        Role.BOARD_MEMBER: {P.REGISTER_READ, P.POOL_READ, P.ROUND_READ, P.ROUND_SCORE},
        Role.BOARD_SECRETARY: {
            P.REGISTER_READ, P.POOL_READ, P.ROUND_READ, P.ROUND_RUN, P.SUPPLIER_DEBAR,
        },
        Role.TECHNICAL_ADVISER_NONVOTING: {P.REGISTER_READ, P.POOL_READ, P.ROUND_READ},
        Role.EVALUATION_ADVISER: {
            P.REGISTER_READ, P.PILOT_ADVISE, P.PILOT_FILE, P.PILOT_OVERSEE, P.REVIEW_DECIDE,
        },
        Role.ETHICS_ADVISER: {P.REVIEW_DECIDE},
        Role.AUDITOR_READONLY: {
            P.REGISTER_READ, P.POOL_READ, P.AUDIT_READ, P.ROUND_READ, P.PILOT_OVERSEE,
            P.SAVINGS_READ,
        },
    }.items()
}  # fmt: skip


class Scope(StrEnum):
    """What an API client may ask for. `pilots.respond` and `challenges.respond` are ours: the
    vocabulary's list has no scope for a supplier's answers to a pilot request or a challenge."""

    ASSURANCE_WRITE = "assurance.write"
    CHALLENGES_RESPOND = "challenges.respond"
    EVENTS_SUBSCRIBE = "events.subscribe"
    LISTINGS_READ = "listings.read"
    LISTINGS_WRITE = "listings.write"
    PILOTS_READ_OWN = "pilots.read_own"
    PILOTS_RESPOND = "pilots.respond"
    QUOTES_WRITE = "quotes.write"
    RESULTS_READ_OWN_PUBLISHED = "results.read_own_published"
    RESULTS_WRITE = "results.write"


OF_SCOPE: dict[Scope, frozenset[Permission]] = {
    Scope.ASSURANCE_WRITE: frozenset({P.LISTING_READ, P.ASSURANCE_WRITE}),
    Scope.CHALLENGES_RESPOND: frozenset({P.CHALLENGE_READ, P.CHALLENGE_ASK, P.CHALLENGE_RESPOND}),
    Scope.EVENTS_SUBSCRIBE: frozenset({P.CONNECTION_READ}),
    Scope.LISTINGS_READ: frozenset({P.LISTING_READ}),
    Scope.LISTINGS_WRITE: frozenset(
        {P.LISTING_READ, P.LISTING_EDIT, P.LISTING_SUBMIT, P.LISTING_WITHDRAW}
    ),
    Scope.PILOTS_READ_OWN: frozenset({P.PILOT_READ}),
    Scope.PILOTS_RESPOND: frozenset({P.PILOT_READ, P.PILOT_RESPOND, P.PILOT_FILE}),
    Scope.QUOTES_WRITE: frozenset({P.QUOTE_READ, P.QUOTE_WRITE}),
    Scope.RESULTS_READ_OWN_PUBLISHED: frozenset({P.RESULT_READ}),
    Scope.RESULTS_WRITE: frozenset({P.RESULT_RECORD}),
}
"""`results.write` is for a force's own client: it records trial results, never confirms them."""
