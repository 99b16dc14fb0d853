"""How e-mail leaves the hub: by SMTP, or into the demonstration's mailbox."""

import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from typing import Protocol
from urllib.parse import urlsplit

import aiosmtplib

from innohub.mail.models import MailMessage
from innohub.settings import Settings

SECONDS = 30.0
"""The longest that one conversation with the mail server takes."""


class Refused(Exception):
    """The mail server does not take it, now or (`for_good`) ever."""

    def __init__(self, problem: str, *, for_good: bool) -> None:
        super().__init__(problem)
        self.problem, self.for_good = problem, for_good


class Transport(Protocol):
    @property
    def keeps(self) -> bool:
        """Whether the text stays readable in the hub once it is sent."""

    async def send(self, message: EmailMessage) -> None:
        """Raises Refused."""


@dataclass(frozen=True)
class Smtp:
    """The organisation's mail server."""

    settings: Settings
    keeps: bool = False

    async def send(self, message: EmailMessage) -> None:
        s = self.settings
        password = s.smtp_password.get_secret_value() if s.smtp_password else None
        try:
            refused, _ = await aiosmtplib.send(
                message,
                hostname=s.smtp_host,
                port=s.smtp_port,
                use_tls=s.smtp_tls == "tls",
                start_tls=s.smtp_tls == "starttls",
                username=s.smtp_user,
                password=password,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [one.code for one in error.recipients]
            raise Refused(_said(error), for_good=all(code >= 500 for code in codes)) from error
        except aiosmtplib.SMTPResponseException as error:
            # A wrong password is mended by the operator: nothing is lost meanwhile.
            mendable = isinstance(error, aiosmtplib.SMTPAuthenticationError)
            raise Refused(_said(error), for_good=error.code >= 500 and not mendable) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Refused(_said(error), for_good=False) from error
        assert not refused, "there is one recipient, and it was not refused"


@dataclass(frozen=True)
class Mailbox:
    """The demonstration's: what is sent stays where it is, for its page to show."""

    keeps: bool = True

    async def send(self, message: EmailMessage) -> None:
        return


def transport_of(settings: Settings) -> Transport | None:
    """None where the hub sends no e-mail."""
    if settings.demonstration_mailbox:
        return Mailbox()
    return Smtp(settings) if settings.smtp_host else None


def told_from(settings: Settings) -> str | None:
    """The address of the hub, for the letters of one that sends e-mail; None where none is sent."""
    return settings.base_url if transport_of(settings) is not None else None


def built(row: MailMessage, name: str, address: str, settings: Settings) -> EmailMessage:
    """The message as it leaves: the same for the same row, whoever sends it and how often."""
    message = EmailMessage()
    message["Subject"] = row.subject
    message["From"] = formataddr(parseaddr(settings.mail_from))
    message["To"] = formataddr((name, address))
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = message_id(row.key, settings)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(row.text or "")
    message.add_alternative(row.html or "", subtype="html")
    return message


def message_id(key: str, settings: Settings) -> str:
    """From what it tells and to whom, so that a mailbox can tell one that came twice."""
    host = urlsplit(settings.base_url).hostname or "innohub.invalid"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:500]
