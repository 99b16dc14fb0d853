"""Everywhere that a person stands in the database. A test holds this list against the tables:
whoever adds a column that leads to a person decides here what becomes of it.
"""

from dataclasses import dataclass

OWN: dict[str, str] = {
    "authenticator_app": "Authenticator app",
    "calendar_feed": "Private calendar address",
    "challenge_follower": "Challenges that you follow",
    "consent": "Consents that you began at a supplier's sign-in",
    "decision_link": "Links in your e-mails",
    "digest": "Digests that were made for you",
    "digest_setting": "How often you get a digest",
    "kept_form": "Forms that were kept while you signed in",
    "mail_message": "E-mails to you",
    "membership": "Your roles",
    "notice": "Notices to you",
    "notice_preference": "How you are told",
    "oauth_grant": "Programs that act for you",
    "passkey": "Passkeys",
    "provider_subject": "Your account at your organisation's own sign-in",
    "recovery_code": "Recovery codes",
    "saved_search": "Searches that you kept",
    "sign_in_session": "Where you signed in",
}
"""Tables whose rows are the person's alone (by `person_id`), with how they are told. They go with
the person, and are told whole but for what opens a door."""

RECORD: dict[tuple[str, str], str] = {
    ("appraisal", "appraised_by_id"): "Appraisals that you made",
    ("assurance_item", "verified_by_id"): "Assurance that you verified",
    ("assurance_response", "by_id"): "Your answers to assurance",
    ("board_review", "decided_by_id"): "Reviews that you decided",
    ("connection_mapping", "made_by_id"): "Mappings that you made",
    ("decision_delegation", "by_id"): "Decisions that you passed on",
    ("decision_delegation", "person_id"): "Decisions that were passed on to you",
    ("emmie_record", "recorded_by_id"): "EMMIE records that you made",
    ("interest", "person_id"): "Interests that you declared in a round",
    ("local_kpi", "decided_by_id"): "KPIs that you decided on",
    ("local_kpi", "proposed_by_id"): "KPIs that you proposed",
    ("locked_search", "locked_by_id"): "Searches that you locked",
    ("moderation_approval", "person_id"): "Moderation that you approved",
    ("moderation_record", "written_by_id"): "Moderation that you wrote down",
    ("pilot", "requested_by_id"): "Pilots that you requested",
    ("pilot_gate", "signed_by_id"): "Gates that you signed",
    ("pilot_message", "person_id"): "Messages that you wrote",
    ("pilot_task", "owner_id"): "Tasks that you own",
    ("pool_commitment", "decided_by_id"): "Commitments to pools that you decided",
    ("protocol", "locked_by_id"): "Protocols that you locked",
    ("protocol", "proposed_by_id"): "Protocols that you proposed",
    ("rating", "author_id"): "Ratings that you gave",
    ("rating", "replied_by_id"): "Replies to ratings that you wrote",
    ("result", "computed_by_id"): "Results that you had computed",
    ("result", "confirmed_by_id"): "Results that you confirmed",
    ("round_member", "person_id"): "Panels on which you sat",
    ("saving", "entered_by_id"): "Savings that you entered",
    ("saving", "signed_by_id"): "Savings that you signed",
    ("savings_baseline", "declared_by_id"): "Baselines that you declared",
    ("score", "person_id"): "Scores that you gave",
    ("supplier_interest", "person_id"): "Interests in suppliers that you declared",
    ("trial_dataset", "recorded_by_id"): "Trial data that you recorded",
    ("trial_upload", "person_id"): "Trial data that you uploaded",
}
"""Acts in the market's public record. They stay, under the pseudonym that the person becomes."""

WRITTEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("assurance_response", "by_id"): ("response", "reason"),
    ("interest", "person_id"): ("kind", "detail"),
    ("local_kpi", "decided_by_id"): ("decision_reason",),
    ("local_kpi", "proposed_by_id"): ("name", "definition"),
    ("locked_search", "locked_by_id"): ("title", "reason"),
    ("moderation_approval", "person_id"): ("approves", "reason"),
    ("moderation_record", "written_by_id"): ("who_said_what", "decisive_reasons_and_weight"),
    ("pilot_gate", "signed_by_id"): ("note",),
    ("pilot_message", "person_id"): ("body",),
    ("rating", "author_id"): ("overall", "comment"),
    ("rating", "replied_by_id"): ("reply",),
    ("score", "person_id"): ("criterion", "value", "reason"),
    ("supplier_interest", "person_id"): ("supplier_id", "detail"),
}
"""What of an act the person wrote: told to them beside its number and time."""


@dataclass(frozen=True)
class Name:
    """A person's name, written down beside an act as it was then."""

    table: str
    column: str
    person: str | None = None
    """The column that says whose it is; None where only the name does."""


NAMES = (
    Name("catalogue_import", "by_name", "person_id"),
    Name("document", "by_name"),
    Name("draft_section", "by_name"),
    Name("checkpoint", "by_name"),
    Name("pilot_message", "by_name", "person_id"),
    Name("pilot_step", "by_name"),
    Name("pilot_task", "done_by"),
    Name("pilot_task", "made_by"),
    Name("trial_upload", "by_name", "person_id"),
)
STAYS = frozenset({("locked_search", "locked_by_name"), ("supplier_note", "by_name")})
"""Names that stay: a locked search is evidence under a hash, which the database refuses to change;
what a supplier's system tells names its own people."""

DOORS = frozenset(
    {
        "ciphertext",
        "code_challenge",
        "code_hash",
        "credential_id",
        "handle",
        "html",
        "key_id",
        "nonce",
        "public_key",
        "refresh_family",
        "refresh_hash",
        "state_hash",
        "token_hash",
    }
)
"""Columns that open a door, or would help to: in no export."""
