"""Which keys does the table [notify] have, and are their values valid?

It says who is notified of alerts: by webhook, by e-mail, by a command. Without it nobody is.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import ClassVar

from bwvdock.config.stores import DIRECTLY, ProxyUse, absolute, read_proxy, secret_file, url
from bwvdock.config.toml_table import Table, choice, each, flag, instead, line, name, whole
from bwvdock.config.toml_units import time_of_day

_CODE = re.compile(r"[a-z]+(-[a-z]+)*")
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9a-fA-F:]{2,39}")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_MOST_RECIPIENTS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """Hours of the day, local to the dock, in which nobody is to be woken; they may span midnight."""

    start: time
    end: time


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Of what a target is notified, and when.

    Attributes:
        name: the target's.
        severity: the least: "warning" or "error".
        codes: the only codes that it is notified of; empty for all.
        ignore: codes that it is not notified of.
        delay_seconds: how long an alert must last, or be over, before that is notified.
        repeat_hours: after how many hours an alert that lasts is notified again; 0 for never.
        clears: whether it is notified that an alert is over.
        quiet: the hours in which nothing is sent; None for none.
        quiet_errors: whether errors are sent all the same.
    """

    name: str
    severity: str = "warning"
    codes: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    delay_seconds: int = 60
    repeat_hours: int = 24
    clears: bool = True
    quiet: QuietHours | None = None
    quiet_errors: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """A server that takes messages by HTTP. Places of files are as `secret_file` reads them."""

    kind: ClassVar[str] = "webhook"
    rules: Rules
    url: str
    secret_file: str
    ca_file: str = ""
    proxy: ProxyUse = DIRECTLY


@dataclass(frozen=True, kw_only=True, slots=True)
class Email:
    """A mail server, and to whom it sends messages. `tls` is "starttls", "tls" or "none"."""

    kind: ClassVar[str] = "email"
    rules: Rules
    host: str
    port: int
    tls: str
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password_file: str = ""
    ca_file: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exec:
    """A command that is given messages on its standard input, and so many seconds for each."""

    kind: ClassVar[str] = "exec"
    rules: Rules
    command: tuple[str, ...]
    seconds: int = 30


NotifyTarget = Webhook | Email | Exec


def read_notify(table: Table) -> tuple[NotifyTarget, ...]:
    """Return the targets of [notify]; mistakes are recorded in the table."""
    targets: list[NotifyTarget] = []
    for kind, read in _READERS.items():
        for one in table.tables(kind):
            target = read(one)
            if target.rules.name in {other.rules.name for other in targets}:
                one.wrong("name", "another target has the same name", "give each its own")
            one.nothing_else()
            targets.append(target)
    table.nothing_else()
    return tuple(targets)


def _rules(table: Table) -> Rules:
    return Rules(
        name=table.need("name", name, "", remedy='write name = "duty-officer"'),
        severity=table.take("severity", choice("warning", "error"), "warning"),
        codes=table.take("codes", _codes, frozenset()),
        ignore=table.take("ignore", _codes, frozenset()),
        delay_seconds=table.take("delay_seconds", whole(0, 3600), 60),
        repeat_hours=table.take("repeat_hours", whole(0, 720), 24),
        clears=table.take("clears", flag, default=True),
        quiet=_quiet(table),
        quiet_errors=table.take("quiet_errors", flag, default=True),
    )


def _quiet(table: Table) -> QuietHours | None:
    has = [table.has(key) for key in ("quiet_from", "quiet_to")]
    if not any(has):
        return None
    start = table.need("quiet_from", time_of_day, time(0), remedy='write quiet_from = "22:00"')
    end = table.need("quiet_to", time_of_day, time(1), remedy='write quiet_to = "06:00"')
    if all(has) and start == end:
        table.wrong(
            "quiet_to", "the quiet hours begin and end at the same time", "remove both, or change one"
        )
    return QuietHours(start=start, end=end)


def _webhook(table: Table) -> Webhook:
    return Webhook(
        rules=_rules(table),
        url=table.need("url", url, "", remedy='write url = "https://…"'),
        secret_file=table.need(
            "secret_file",
            secret_file,
            "",
            remedy="give the file with the secret that messages are signed with",
        ),
        ca_file=table.take("ca_file", secret_file, ""),
        proxy=read_proxy(table),
    )


def _email(table: Table) -> Email:
    tls = table.take("tls", choice("starttls", "tls", "none"), "starttls")
    email = Email(
        rules=_rules(table),
        host=table.need("host", _host, "", remedy='write host = "mail.example.org"'),
        port=table.take("port", whole(1, 65535), _PORTS[tls]),
        tls=tls,
        sender=table.need("from", _address, "", remedy='write from = "dock@example.org"'),
        to=table.need("to", _addresses, (), remedy='write to = ["duty@example.org"]'),
        user=table.take("user", line, ""),
        password_file=table.take("password_file", secret_file, ""),
        ca_file=table.take("ca_file", secret_file, ""),
    )
    for has, lacks in (("user", "password_file"), ("password_file", "user")):
        if table.has(has) and not table.has(lacks):
            table.wrong(has, f"is useless without {lacks}", f"give {lacks} too")
    if email.password_file and email.tls == "none" and not is_loopback(email.host):
        table.wrong("password_file", "would be sent without TLS", 'write tls = "starttls" or "tls"')
    return email


def _exec(table: Table) -> Exec:
    return Exec(
        rules=_rules(table),
        command=table.need("command", _command, (), remedy='write command = ["/usr/local/bin/page"]'),
        seconds=table.take("seconds", whole(1, 300), 30),
    )


_READERS: Mapping[str, Callable[[Table], NotifyTarget]] = {
    "webhook": _webhook,
    "email": _email,
    "exec": _exec,
}


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _codes(value: object) -> frozenset[str]:
    found = each(line)(value)
    if not all(_CODE.fullmatch(code) for code in found):
        raise instead('write codes of alerts, such as ["spool-full", "custody-failed"]')
    return frozenset(found)


def _host(value: object) -> str:
    host = line(value)
    if not _HOST.fullmatch(host):
        raise instead("write the name or the IP address of a mail server")
    return host


def _address(value: object) -> str:
    address = line(value)
    if not _ADDRESS.fullmatch(address):
        raise instead('write an e-mail address in ASCII, such as "duty@example.org"')
    return address


def _addresses(value: object) -> tuple[str, ...]:
    found = each(_address)(value)
    if len(found) > _MOST_RECIPIENTS:
        raise instead(f"write at most {_MOST_RECIPIENTS} addresses")
    return found


def _command(value: object) -> tuple[str, ...]:
    program, *arguments = each(line)(value)
    return str(absolute(program)), *arguments
