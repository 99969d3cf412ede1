"""Does the dock prove who it is, believe only whom it should, and keep its secrets to itself?"""

from __future__ import annotations

import io
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.certificates import dates, in_words
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.destinations.http import LostAnswerError, Web
from bwvdock.edges.destinations.tus.client import TusClient
from bwvdock.errors import AccessDeniedError, DestinationError, DestinationUnavailableError
from tests.servers.lies import Lie
from tests.servers.lying_tus import LyingTus
from tests.servers.tls import Authority, server_context

SECRET = "s3cr3t-0123456789"  # noqa: S105
LONG = Patience(connect=60.0, stall=60.0, answer=60.0)  # a machine under load is no fault of the server
SHORT = Patience(connect=60.0, stall=0.3, answer=0.3)


@pytest.fixture
def server() -> Iterator[LyingTus]:
    with LyingTus() as made:
        yield made


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{SECRET}\n")
    return path


def web(url: str, access: Access | None = None, patience: Patience = LONG) -> Web:
    return Web(url, access or Access(), name="store", patience=patience)


def raised(store: Web, url: str = "", body: bytes | None = None) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        store.ask("PATCH" if body else "OPTIONS", url or store.url, {}, body)
    assert caught.value.remedy
    return caught.value


# --- secrets ------------------------------------------------------------------------------------------


def test_what_the_configuration_names_goes_with_every_request(server: LyingTus, token: Path) -> None:
    access = Access(
        headers={"X-Site": "Lewisham"}, header_files={"X-Key": str(token)}, bearer_token_file=str(token)
    )
    web(server.url, access).ask("OPTIONS", server.url, {"X-More": "1"})
    sent = server.requests[0].headers
    assert sent["authorization"] == f"Bearer {SECRET}"
    assert (sent["x-key"], sent["x-site"], sent["x-more"]) == (SECRET, "Lewisham", "1")
    assert sent["user-agent"].startswith("bwvdock/")
    assert sent["accept-encoding"] == "identity"


def test_a_new_token_is_used_with_the_next_request(server: LyingTus, token: Path) -> None:
    store = web(server.url, Access(bearer_token_file=str(token)))
    store.ask("OPTIONS", server.url, {})
    token.write_text("newer")
    store.ask("OPTIONS", server.url, {})
    assert [r.headers["authorization"] for r in server.requests] == [f"Bearer {SECRET}", "Bearer newer"]


def test_a_secret_may_be_a_systemd_credential(server: LyingTus, token: Path) -> None:
    access = Access(bearer_token_file="token", credentials=token.parent)  # noqa: S106
    web(server.url, access).ask("OPTIONS", server.url, {})
    assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
    lacking = web(server.url, Access(bearer_token_file="token"))  # noqa: S106
    assert "LoadCredential=token" in raised(lacking).remedy


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"two\nlines", b"caf\xc3\xa9", b"nul\0", b"x" * 9000, b"a\r\nX-Evil: 1"]
)
def test_a_file_that_holds_no_secret_is_named_and_not_quoted(
    server: LyingTus, token: Path, content: bytes
) -> None:
    token.write_bytes(content)
    error = raised(web(server.url, Access(bearer_token_file=str(token))))
    assert isinstance(error, AccessDeniedError)
    assert str(token) in error.message
    assert server.requests == []
    assert not content.strip() or content.decode("latin-1").strip() not in error.message


def test_no_error_and_no_name_shows_a_secret(token: Path) -> None:
    access = Access(bearer_token_file=str(token), header_files={"X-Key": str(token)})
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/files?sig={SECRET}"
        store = web(url, access)
        error: BaseException | None = raised(store)
    assert SECRET not in repr(store)
    shown = []
    while error is not None and not error.__suppress_context__:
        shown.append(repr(error))
        error = error.__cause__ or error.__context__
    assert SECRET not in " ".join([*shown, repr(error)])


# --- whom it believes -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_private_authority_is_believed_when_it_is_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with LyingTus(tls=server_context(authority.sign("server"))) as server:
        trusting = web(server.url, Access(ca_file=str(authority.ca_file)))
        assert trusting.ask("OPTIONS", server.url, {}).status == 204
        error = raised(web(server.url))
        assert isinstance(error, DestinationUnavailableError)
        assert "ca_file" in error.remedy
        trusting.close()


def test_a_named_authority_is_the_only_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    other = Authority(tmp_path, "other")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_file))  # which requests would believe
    with LyingTus(tls=server_context(authority.sign("server"))) as server:
        assert "ca_file" in raised(web(server.url, Access(ca_file=str(other.ca_file)))).remedy


@pytest.mark.slow
def test_a_client_certificate_is_shown_and_a_new_one_is_taken_up(tmp_path: Path) -> None:
    authority, strangers = Authority(tmp_path), Authority(tmp_path, "strangers")
    good, bad = authority.sign("dock"), strangers.sign("stranger")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    access = Access(ca_file=str(authority.ca_file), client_cert=str(cert), client_key=str(key))
    context = server_context(authority.sign("server"), clients=authority.ca_file)
    with LyingTus(tls=context) as server:
        store = web(server.url, access)
        assert isinstance(raised(store), AccessDeniedError)  # there is none yet
        for identity, fits in ((bad, False), (good, True), (bad, False)):
            cert.write_bytes(identity.certificate.read_bytes())
            key.write_bytes(identity.key.read_bytes())
            if fits:
                assert store.ask("OPTIONS", server.url, {}).status == 204
            else:
                raised(store)
        store.close()


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_no_proxy_is_taken_from_the_environment(
    server: LyingTus, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    assert web(server.url).ask("OPTIONS", server.url, {}).status == 204


@pytest.mark.slow
@pytest.mark.parametrize(
    "code,days,what",
    [
        (9, -1, "its certificate is not valid yet"),
        (10, 2, "its certificate has expired"),
        # Its own dates do not show what was said, so that it is another one of the chain.
        (9, 0.5, "a certificate that it shows is not valid yet"),
        (10, 0.5, "a certificate that it shows has expired"),
        (9, 2, "a certificate that it shows is not valid yet"),
        (10, -1, "a certificate that it shows has expired"),
    ],
)
def test_a_certificate_out_of_its_time_is_named_by_its_dates(
    tmp_path: Path, code: int, days: float, what: str
) -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_code = code
    identity = Authority(tmp_path).sign("server", days=1)
    valid = dates(ssl.PEM_cert_to_DER_cert(identity.certificate.read_text()))
    assert valid is not None
    now = valid[0] + timedelta(days=days)
    with LyingTus(tls=server_context(identity)) as server:
        said = in_words(error, "127.0.0.1", server.port, seconds=60, now=now)
    assert said.startswith(what)
    own = f"it is valid from {valid[0]:%Y-%m-%d %H:%M} UTC to {valid[1]:%Y-%m-%d %H:%M} UTC"
    assert (own in said) is what.startswith("its")
    assert f"this dock's clock says {now:%Y-%m-%d %H:%M} UTC" in said


def test_a_certificate_that_is_wrong_for_another_reason_is_not_said_to_be_out_of_its_time() -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_code = 18  # self-signed
    assert in_words(error, "127.0.0.1", 9, seconds=1, now=datetime.now(UTC)) == ""


def test_a_refusal_by_a_server_whose_clock_is_another_names_both_times(server: LyingTus) -> None:
    date = {"Date": "Sat, 14 Mar 2026 11:00:00 GMT"}
    server.lie(Lie(instead=True, status=401, headers=date))
    client = TusClient(
        Web(server.url, Access(), name="store", now=lambda: datetime(2026, 3, 14, 10, tzinfo=UTC))
    )
    with pytest.raises(AccessDeniedError) as caught:
        client.ask()
    assert "this dock's clock says 2026-03-14 10:00:00 UTC, the store's 2026-03-14 11:00:00 UTC" in (
        caught.value.message
    )
    assert "timedatectl" in caught.value.remedy


# --- where it goes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [307, 308])
def test_a_request_that_is_sent_on_within_its_origin_stays_what_it_is(server: LyingTus, status: int) -> None:
    server.lie(Lie("PATCH", times=1, instead=True, status=status, headers={"Location": "/elsewhere"}))
    web(server.url).ask("PATCH", server.url, {"X-More": "1"}, b"body")
    assert [(r.method, r.path, r.body) for r in server.requests] == [
        ("PATCH", "/files", b"body"),
        ("PATCH", "/elsewhere", b"body"),
    ]


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_request_never_becomes_another(server: LyingTus, status: int) -> None:
    server.lie(Lie("PATCH", instead=True, status=status, headers={"Location": "/elsewhere"}))
    assert web(server.url).ask("PATCH", server.url, {}, b"body").status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "location", ["http://localhost:{port}/files", "https://127.0.0.1:{port}/files", "//127.0.0.1:9/files"]
)
def test_no_secret_leaves_its_origin(server: LyingTus, token: Path, location: str) -> None:
    where = location.format(port=server.port)
    server.lie(Lie("OPTIONS", instead=True, status=307, headers={"Location": where}))
    error = raised(web(server.url, Access(bearer_token_file=str(token))))
    assert "another server" in error.message
    assert len(server.requests) == 1


def test_a_circle_of_redirects_ends(server: LyingTus) -> None:
    server.lie(Lie("OPTIONS", instead=True, status=307, headers={"Location": "/files"}))
    raised(web(server.url))
    assert len(server.requests) < 10


@pytest.mark.parametrize("status", [102, 103, 104])
def test_an_interim_answer_is_not_the_answer(server: LyingTus, status: int) -> None:
    server.lie(Lie("OPTIONS", interim=((status, {"X-Interim": "1"}), (status, {}))))
    store = web(server.url)
    for _ in range(2):  # nothing of it is left over for the next request
        answer = store.ask("OPTIONS", server.url, {})
        assert answer.status == 204
        assert "X-Interim" not in answer.headers


# --- how long it waits ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_answer_that_does_not_come_is_lost_in_silence(server: LyingTus) -> None:
    server.lie(Lie("OPTIONS", stall=True))
    error = raised(web(server.url, patience=SHORT))
    assert isinstance(error, LostAnswerError)
    assert error.silent


def test_a_connection_that_breaks_off_is_lost_aloud(server: LyingTus) -> None:
    server.lie(Lie("OPTIONS", hang_up=True))
    error = raised(web(server.url))
    assert isinstance(error, LostAnswerError)
    assert not error.silent


@pytest.mark.slow
def test_a_server_that_takes_no_bytes_is_left_and_one_that_is_slow_to_answer_is_not() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        store = Web(url, Access(), name="store", patience=Patience(connect=60, stall=0.2, answer=60))
        error = raised(store, body=bytes(64 << 20))
    assert isinstance(error, LostAnswerError)
    assert error.silent


@pytest.mark.slow
def test_a_slow_block_is_not_measured_by_the_patience_for_connecting() -> None:
    """urllib3 would give up: it applies the connect timeout to each block that is sent."""
    body = bytes(24 << 20)
    with socket.socket() as slow:
        slow.bind(("127.0.0.1", 0))
        slow.listen()
        reader = threading.Thread(target=_read_crumbs, args=(slow, len(body)))
        reader.start()
        url = f"http://127.0.0.1:{slow.getsockname()[1]}/"
        store = Web(url, Access(), name="store", patience=Patience(connect=0.05, stall=60, answer=60))
        assert store.ask("PATCH", url, {}, body).status == 204
        reader.join()


def _read_crumbs(listener: socket.socket, length: int) -> None:
    """Take a body in pieces so small that it lasts."""
    connection, _ = listener.accept()
    with connection, io.BufferedReader(socket.SocketIO(connection, "r"), 64) as file:
        while file.readline() != b"\r\n":
            pass
        while length > 0:
            length -= len(file.read1(64))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def test_a_server_that_refuses_early_is_heard(server: LyingTus) -> None:
    server.lie(Lie("PATCH", early=True, status=413))
    assert web(server.url).ask("PATCH", server.url, {}, bytes(32 << 20)).status == 413
