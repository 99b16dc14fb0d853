"""What can go wrong between the hub and an organisation's identity provider."""

from innohub.errors import Denied


class NotSignedInThere(Denied):
    """The provider's answer does not count. `why` is for the log and for whoever tests the set-up;
    nothing of a token is in it."""

    code = "provider_refused"

    def __init__(self, why: str, message: str | None = None) -> None:
        super().__init__(
            message
            or "Your organisation's sign-in did not work. Try again, or ask the people who run it."
        )
        self.why = why
