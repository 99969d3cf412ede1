"""A real mail server on loopback (aiosmtpd), with or without TLS and passwords; it keeps what it takes."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "dock", "s3cr3t-0123456789"


@dataclass
class Mailbox:
    """What a server does and took. `refuses` has replies to DATA, one each; the empty one takes the mail."""

    port: int = 0
    refuses: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 5.1.1 nobody of that \x1b[31mname"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refuses and (reply := self.refuses.pop(0)):
            return reply
        content: Any = envelope.content
        self.mails.append(message_from_bytes(content, policy=policy.default))
        self.to.append(list(envelope.rcpt_tos))
        self.encrypted.append(session.ssl is not None)
        return "250 taken"

    def login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)


@contextmanager
def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, auth: bool = False
) -> Iterator[Mailbox]:
    """Give a mail server that is served."""
    box = Mailbox()
    asks: dict[str, Any] = {}
    if starttls is not None:
        asks |= {"tls_context": starttls, "require_starttls": True}
    if auth:
        asks |= {
            "authenticator": box.login,
            "auth_required": starttls is not None,
            "auth_require_tls": starttls is not None,
        }
    loop = asyncio.new_event_loop()

    def session() -> SMTP:
        return SMTP(box, hostname="mail.test", loop=loop, **asks)

    server = loop.run_until_complete(loop.create_server(session, "127.0.0.1", 0, ssl=tls))
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
