"""How somebody at a browser showed who they are, and whether that is fresh enough to sign with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

RECENT = timedelta(minutes=15)
"""For so long a proof of identity is good for signatures: a screen left alone signs nothing."""


class Method(StrEnum):
    """The names of RFC 8176 where it has one."""

    PASSWORD = "pwd"  # noqa: S105 - a name, no password
    APP = "otp"
    PASSKEY = "pop"
    RECOVERY_CODE = "recovery"
    PROVIDER = "provider"
    """The person's organisation signed them in, with one factor or without saying."""
    PROVIDER_MFA = "mfa"
    """The person's organisation signed them in, and says that it asked for several factors."""


SECOND = frozenset({Method.APP, Method.PASSKEY, Method.RECOVERY_CODE, Method.PROVIDER_MFA})


@dataclass(frozen=True)
class Proved:
    """The newest proof of a session."""

    at: datetime
    methods: frozenset[Method]
    second_demanded: bool = False
    """Whether the person has a second factor: then a password alone proves too little, as does an
    organisation's word that does not speak of several factors."""
    session_id: int | None = None

    def is_recent(self, now: datetime) -> bool:
        """Whether it is fresh and whole enough to sign with."""
        demanded = self.second_demanded or Method.PROVIDER in self.methods
        whole = not demanded or bool(self.methods & SECOND)
        return whole and now - self.at <= RECENT


TOLD = Proved(datetime.max.replace(tzinfo=UTC), frozenset({Method.PASSWORD}))
"""Of the people in the stories that the hub itself tells: they always sit at their desks."""
