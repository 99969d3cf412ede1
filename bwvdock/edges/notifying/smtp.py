"""How is a mail sent? By SMTP to one server, with TLS, within the bounds that hold for every store.

Where TLS is asked for, nothing of a message and no password is sent before it. Python's smtplib reads lines
without end; here each reply is read behind the meter of the HTTP connections.
"""

from __future__ import annotations

import http.client
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from bwvdock.edges.credentials import read_secret, require_plain
from bwvdock.edges.destinations import certificates
from bwvdock.edges.destinations.causes import cause_of
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.destinations.header_values import words
from bwvdock.edges.destinations.metering import Meter, MeteredSocket, TooMuchError
from bwvdock.edges.notifying.places import place_of
from bwvdock.errors import (
    AccessDeniedError,
    BwvdockError,
    DestinationRefusedError,
    DestinationUnavailableError,
)

_PATIENCE = Patience(connect=10.0, stall=20.0, answer=30.0)
_MOST_REPLY = 64 * 1024
_MOST_PASSWORD = 1024
_LONGEST = 300.0  # seconds for a whole mail, however many replies it takes
_POLICY = SMTP.clone(cte_type="7bit")  # which every mail server takes
_LOCAL_NAME = "localhost"  # of EHLO: the dock's own name is nobody's business, and looking it up may hang


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailbox:
    """A mail server, and to whom it sends messages.

    `tls` is "starttls", "tls" or "none". Places of files are whole paths, or names of systemd credentials.
    """

    host: str
    port: int
    tls: str
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password_file: str = ""
    ca_file: str = ""


class SmtpServer:
    """A mail server. Used from one thread."""

    def __init__(
        self,
        target: Mailbox,
        credentials: Path | None,
        *,
        patience: Patience = _PATIENCE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Describe it; nothing is connected or read yet.

        Args:
            target: the server, and to whom it sends.
            credentials: the folder of systemd's credentials.
            patience: how long to wait for what; `answer` is for each reply.
            now: the dock's clock.
        """
        self._target, self._credentials, self._patience, self._now = target, credentials, patience, now

    def mail(self, identifier: str, subject: str, text: str) -> str:
        """Send a mail; return how it was answered.

        Args:
            identifier: the message's, the same at each attempt.
            subject: one line.
            text: any number of lines.

        Raises:
            DestinationUnavailableError: it was not taken; it may be later.
            DestinationRefusedError: this very mail was refused.
        """
        target = self._target
        mail = EmailMessage(policy=_POLICY)
        mail["From"], mail["To"], mail["Subject"] = target.sender, ", ".join(target.to), subject
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = f"<{identifier}@{target.sender.partition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nothing answers that by itself
        mail.set_content(text)
        with self._translated(), self._connected() as server:
            refused = server.sendmail(target.sender, list(target.to), mail.as_bytes())
        if refused:
            some = ", ".join(sorted(refused))
            return f"accepted, but refused for {some}"
        return f"accepted for {', '.join(target.to)}"

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Connect, greet and log in; yield the server, which is left whatever happens."""
        target, context = self._target, self._context()
        server = _Smtp(self._patience, context if target.tls == "tls" else None)
        try:
            code, said = server.connect(target.host, target.port)
            if code != 220:
                raise smtplib.SMTPResponseException(code, said)
            server.ehlo_or_helo_if_needed()
            if target.tls == "starttls":
                if not server.has_extn("starttls"):
                    raise self._unavailable(
                        "it does not offer STARTTLS, and without TLS nothing is sent",
                        remedy='Have it offer STARTTLS, or write tls = "tls" or "none"',
                    )
                server.starttls(context=context)
                server.ehlo_or_helo_if_needed()
            if target.user:
                server.login(target.user, self._password())
            yield server
            server.leave()
        finally:
            server.close()

    def _context(self) -> ssl.SSLContext:
        if self._target.tls == "none":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # is never used
        place = self._target.ca_file
        try:
            if not place:
                return ssl.create_default_context()
            path = place_of(place, self._credentials)
            require_plain(path)
            return ssl.create_default_context(cafile=str(path))
        except (OSError, ssl.SSLError, ValueError) as error:
            raise self._unavailable(
                f"its `ca_file` cannot be used ({words(str(error))})", remedy="Check `ca_file`"
            ) from None

    def _password(self) -> str:
        path = place_of(self._target.password_file, self._credentials)
        try:
            password = read_secret(path, _MOST_PASSWORD + 2).decode("utf-8", "replace").removesuffix("\n")
        except OSError as error:
            raise AccessDeniedError(
                f"the password of mail server {self._target.host}, {path}, cannot be read "
                f"({error.strerror}).",
                remedy=f"Put the password into {path}",
            ) from error
        if not password or len(password) > _MOST_PASSWORD or not _is_plain(password):
            raise AccessDeniedError(
                f"the password of mail server {self._target.host}, {path}, is not one line of printable "
                "ASCII.",
                remedy=f"Put the password into {path}",
            )
        return password

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise in words whatever goes wrong."""
        try:
            yield
        except BwvdockError:
            raise
        except smtplib.SMTPException as error:
            raise self._not_taken(error) from None
        except TooMuchError as error:
            raise self._unavailable(str(error), remedy="See what is at that address") from None
        except ssl.SSLCertVerificationError as error:
            raise self._not_trusted(error) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            cause = cause_of(error)
            raise self._unavailable(
                cause.words, remedy=cause.remedy.replace("the store", "the mail server")
            ) from None

    def _not_taken(self, error: smtplib.SMTPException) -> BwvdockError:
        said = _said(error)
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return AccessDeniedError(
                f"mail server {self._target.host} rejects user and password: {said}.",
                remedy="Correct `user`, and the password in `password_file`",
            )
        if isinstance(error, smtplib.SMTPDataError) and 500 <= error.smtp_code < 600:
            return DestinationRefusedError(
                f"mail server {self._target.host} refused the mail: {said}.",
                remedy="See the mail server's log",
            )
        remedy = "See the mail server's log"
        if isinstance(error, smtplib.SMTPSenderRefused):
            remedy = "Correct `from`, or let the dock send mail through that server"
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            remedy = "Correct `to`, or let the dock send mail through that server"
        return self._unavailable(said, remedy=remedy)

    def _not_trusted(self, error: ssl.SSLCertVerificationError) -> BwvdockError:
        target = self._target
        about = ""
        if target.tls == "tls":
            about = certificates.in_words(
                error, target.host, target.port, seconds=self._patience.connect, now=self._now()
            )
        cause = cause_of(error)
        return self._unavailable(
            about or cause.words, remedy=cause.remedy.replace("the store's", "the mail server's")
        )

    def _unavailable(self, why: str, *, remedy: str) -> DestinationUnavailableError:
        return DestinationUnavailableError(
            f"mail server {self._target.host} takes no mail: {why}.", remedy=remedy
        )


def _is_plain(password: str) -> bool:
    """Return whether smtplib can send a password."""
    return password.isascii() and password.isprintable()


def _said(error: smtplib.SMTPException) -> str:
    """Return what a server said, fit to be shown."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        address, (code, text) = next(iter(error.recipients.items()))
        return f"it refuses mail for {words(address)}: {code} {_text(text)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it closed the connection"
    return words(str(error)) or type(error).__name__


def _text(said: bytes | str) -> str:
    return words(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)


class _Smtp(smtplib.SMTP):
    """smtplib's client, with each reply behind a meter."""

    def __init__(self, patience: Patience, tls: ssl.SSLContext | None) -> None:
        super().__init__(local_hostname=_LOCAL_NAME, timeout=patience.connect)
        self._patience, self._tls = patience, tls
        self._meter = Meter(patience.answer)
        self._until = time.monotonic() + _LONGEST

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self._host = host  # starttls() compares the certificate with it
        connected = socket.create_connection((host, port), timeout)
        if self._tls is None:
            return connected
        try:
            return self._tls.wrap_socket(connected, server_hostname=host)
        except BaseException:
            connected.close()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Return a reply, read within bounds."""
        self._meter.allow(min(self._patience.answer, self._until - time.monotonic()), _MOST_REPLY)
        if self.file is None and self.sock is not None:
            self.file = MeteredSocket(self.sock, self._meter).makefile("rb")
        try:
            return super().getreply()
        except smtplib.SMTPServerDisconnected as error:  # smtplib's word for whatever stopped the reading
            if isinstance(error.__context__, TimeoutError | ssl.SSLError):
                raise error.__context__ from None
            raise

    def send(self, s: Any) -> None:  # noqa: ANN401 - as the base class has it
        """Send, with the patience for a block."""
        if self.sock is not None:
            self.sock.settimeout(self._patience.stall)
        super().send(s)

    def leave(self) -> None:
        """Take leave; a mail that was accepted stays so, whatever is answered."""
        try:
            self.quit()
        except (OSError, smtplib.SMTPException, TooMuchError):
            return
