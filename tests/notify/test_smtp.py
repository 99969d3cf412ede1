"""Does a mail reach a real mail server, with TLS or not at all, and is every other answer a failure, soon?"""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.notifying.smtp import Mailbox as To
from bwvdock.edges.notifying.smtp import SmtpServer
from bwvdock.errors import (
    AccessDeniedError,
    BwvdockError,
    DestinationRefusedError,
    DestinationUnavailableError,
)
from tests.notify.mail_servers import PASSWORD, USER, mail_server
from tests.notify.receivers import answering
from tests.servers.hostile import BLOCK, Raw, drip, endless, raw
from tests.servers.tls import Authority, server_context

LONG = Patience(connect=60.0, stall=60.0, answer=60.0)  # a machine under load is no fault of the server
SHORT = Patience(connect=1.0, stall=0.5, answer=0.5)
TEXT = "Camera CAM-1 failed.\n.\nMAIL FROM:<x@y.z>\ncafé \u202e\n" + "x" * 2000 + "\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server_tls(authority: Authority) -> ssl.SSLContext:
    return server_context(authority.sign("server"))


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return path


def server(
    port: int,
    tls: str = "none",
    *,
    secret: tuple[str, Path] | None = None,
    ca_file: Path | str = "",
    patience: Patience = LONG,
) -> SmtpServer:
    to = To(
        host="127.0.0.1",
        port=port,
        tls=tls,
        sender="dock@example.org",
        to=("duty@example.org", "chief@example.org"),
        user=secret[0] if secret else "",
        password_file=str(secret[1]) if secret else "",
        ca_file=str(ca_file),
    )
    return SmtpServer(to, None, patience=patience)


def refused(sender: SmtpServer) -> BwvdockError:
    with pytest.raises(BwvdockError) as caught:
        sender.mail("msg1", "[LEW-03] camera-failed", TEXT)
    assert caught.value.remedy
    assert PASSWORD not in caught.value.message
    return caught.value


def test_a_mail_arrives_whole_with_the_id_of_its_message() -> None:
    with mail_server() as box:
        said = server(box.port).mail("msg1", "[LEW-03] camera-failed (CAM-1)", TEXT)
    assert said == "accepted for duty@example.org, chief@example.org"
    [mail] = box.mails
    assert box.to == [["duty@example.org", "chief@example.org"]]
    assert mail["Subject"] == "[LEW-03] camera-failed (CAM-1)"
    assert mail["Message-ID"] == "<msg1@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().replace("\r\n", "\n") == TEXT


@pytest.mark.slow
def test_with_starttls_the_password_and_the_mail_are_encrypted(
    authority: Authority, server_tls: ssl.SSLContext, password: Path
) -> None:
    with mail_server(starttls=server_tls, auth=True) as box:
        server(box.port, "starttls", secret=(USER, password), ca_file=authority.ca_file).mail(
            "msg1", "subject", TEXT
        )
        assert (box.logins, box.encrypted) == ([USER], [True])
        password.write_text("another")
        error = refused(server(box.port, "starttls", secret=(USER, password), ca_file=authority.ca_file))
    assert isinstance(error, AccessDeniedError)
    assert "rejects user and password" in error.message


@pytest.mark.slow
def test_with_tls_from_the_beginning(authority: Authority, server_tls: ssl.SSLContext) -> None:
    with mail_server(tls=server_tls) as box:
        server(box.port, "tls", ca_file=authority.ca_file).mail("msg1", "subject", TEXT)
        error = refused(server(box.port, "tls"))
        assert "its authority is not trusted here" in error.message
        assert "ca_file" in error.remedy
    assert len(box.mails) == 1


@pytest.mark.slow
def test_a_server_that_offers_no_tls_gets_neither_password_nor_mail(password: Path) -> None:
    with mail_server(auth=True) as box:
        error = refused(server(box.port, "starttls", secret=(USER, password)))
        assert "does not offer STARTTLS" in error.message
        assert (box.logins, box.mails) == ([], [])


@pytest.mark.slow
def test_a_certificate_of_nobody_ends_it_before_the_password(
    server_tls: ssl.SSLContext, password: Path
) -> None:
    with mail_server(starttls=server_tls, auth=True) as box:
        refused(server(box.port, "starttls", secret=(USER, password)))
        assert (box.logins, box.mails) == ([], [])


def test_a_mail_that_is_refused_for_good_is_told_from_a_server_that_is_busy() -> None:
    with mail_server() as box:
        box.refuses = ["554 5.7.1 spam \x1b[2J", "451 4.3.0 later"]
        for_good, for_now = refused(server(box.port)), refused(server(box.port))
    assert isinstance(for_good, DestinationRefusedError)
    assert "554" in for_good.message
    assert "\x1b" not in for_good.message
    assert isinstance(for_now, DestinationUnavailableError)
    assert "451" in for_now.message


def test_recipients_that_are_refused_are_named() -> None:
    with mail_server() as box:
        box.unknown = {"chief@example.org"}
        assert server(box.port).mail("msg1", "s", TEXT) == "accepted, but refused for chief@example.org"
        box.unknown |= {"duty@example.org"}
        error = refused(server(box.port))
    assert "refuses mail for" in error.message
    assert "550" in error.message
    assert "\x1b" not in error.message


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\x00", b"x" * 2000, "geheim \xe9".encode()])
def test_a_file_that_holds_no_password_is_named(
    authority: Authority, server_tls: ssl.SSLContext, password: Path, content: bytes
) -> None:
    password.write_bytes(content)
    with mail_server(starttls=server_tls, auth=True) as box:
        error = refused(server(box.port, "starttls", secret=(USER, password), ca_file=authority.ca_file))
    assert isinstance(error, AccessDeniedError)
    assert str(password) in error.message


def test_a_server_that_is_not_there_is_named() -> None:
    error = refused(server(9))
    assert error.message == (
        "mail server 127.0.0.1 takes no mail: nothing accepts connections there (connection refused)."
    )
    assert "store" not in error.remedy


GREETING = b"220 mail.test\r\n"
HOSTILE: dict[str, Raw] = {
    "closes": raw(b""),
    "no SMTP": raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "zeros": raw(bytes(4096)),
    "silence": drip(b"", b""),
    "a greeting at a byte a moment": drip(b"", b"220-slow\r\n"),
    "an endless greeting": endless(b"220-", b"220-again\r\n" * 5000),
    "an endless line": endless(b"220 ", BLOCK),
    "an endless answer to EHLO": endless(GREETING, b"250-X\r\n" * 9000),
    "a greeting and silence": drip(GREETING, b""),
    "421": raw(b"421 too busy\r\n"),
    "554": raw(b"554 go away\r\n"),
    "garbage after the greeting": endless(GREETING, b"\xff\xfe\r\n" * 1000),
    "yes to everything, for ever": endless(GREETING, b"250 OK\r\n" * 100),
    "a promise of TLS, and none": raw(GREETING, b"250-mail.test\r\n250 STARTTLS\r\n220 go\r\nnot TLS at all"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_it_answers_is_over_soon(name: str, tls: str) -> None:
    with answering(HOSTILE[name], reads=False) as port:
        error = refused(server(port, tls, patience=SHORT))
    assert error.message.startswith("mail server 127.0.0.1 takes no mail: ")
