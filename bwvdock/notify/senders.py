"""Which way leads to a target of the configuration? Each is loaded where one is configured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any, Protocol

from bwvdock.config.notify.targets import Email, Exec, NotifyTarget, Webhook
from bwvdock.core.ports import Clock
from bwvdock.notify.texts import subject_of, text_of
from bwvdock.notify.values import Message, Sender, document


class _Posts(Protocol):
    def post(self, identifier: str, document: dict[str, Any]) -> str: ...


class _Mails(Protocol):
    def mail(self, identifier: str, subject: str, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class DocumentSender:
    """Sends messages as JSON."""

    edge: _Posts

    def send(self, message: Message) -> str:
        """Send a message (Sender)."""
        return self.edge.post(message.id, document(message))


@dataclass(frozen=True, slots=True)
class TextSender:
    """Sends messages as text, with times in a zone."""

    edge: _Mails
    zone: tzinfo

    def send(self, message: Message) -> str:
        """Send a message (Sender)."""
        return self.edge.mail(message.id, subject_of(message), text_of(message, self.zone))


def sender_of(target: NotifyTarget, clock: Clock, zone: tzinfo, credentials: Path | None) -> Sender:
    """Return the way to a target; nothing is connected or read yet."""
    match target:
        case Webhook():
            from bwvdock.edges.destinations.access import Access  # noqa: PLC0415 - as below
            from bwvdock.edges.notifying.webhook import HttpWebhook  # noqa: PLC0415 - HTTP and TLS take 5 MB

            return DocumentSender(
                HttpWebhook(
                    target.url,
                    name=target.rules.name,
                    secret_file=target.secret_file,
                    access=Access(
                        ca_file=target.ca_file,
                        proxy=target.proxy.url,
                        proxy_credentials_file=target.proxy.credentials_file,
                        credentials=credentials,
                    ),
                    now=clock.now,
                )
            )
        case Email():
            from bwvdock.edges.notifying.smtp import Mailbox, SmtpServer  # noqa: PLC0415 - as above

            box = Mailbox(
                host=target.host,
                port=target.port,
                tls=target.tls,
                sender=target.sender,
                to=target.to,
                user=target.user,
                password_file=target.password_file,
                ca_file=target.ca_file,
            )
            return TextSender(SmtpServer(box, credentials, now=clock.now), zone)
        case Exec():
            from bwvdock.edges.notifying.command import Command  # noqa: PLC0415 - as above

            return DocumentSender(Command(target.command, seconds=target.seconds))
