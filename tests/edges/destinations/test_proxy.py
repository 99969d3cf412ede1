"""Is a proxy that cannot be used, or does not do as it should, named with what to do, soon?"""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.destinations.http import Web
from bwvdock.edges.inspection.store_contact import contact
from bwvdock.errors import AccessDeniedError, DestinationUnavailableError
from tests.servers.hostile import Raw, drip, endless, raw
from tests.servers.listening import listening
from tests.servers.lying_tus import LyingTus
from tests.servers.tls import Authority, server_context

LONG = Patience(connect=60.0, stall=60.0, answer=60.0)
STORE = "https://evidence.invalid/files"
SECRET = "dock:s3cr3t-0123456789"  # noqa: S105


@contextmanager
def proxy(answer: Raw | None) -> Iterator[tuple[str, list[bytes]]]:
    """Give a proxy's URL and the heads that it is sent; it answers with this, or makes a real tunnel."""
    heads: list[bytes] = []
    with listening(lambda client, ended: _serve(client, answer, heads, ended)) as port:
        yield f"http://127.0.0.1:{port}", heads


def _serve(client: socket.socket, answer: Raw | None, heads: list[bytes], ended: threading.Event) -> None:
    with client, suppress(OSError):
        client.settimeout(30)
        head = b""
        while not head.endswith(b"\r\n\r\n") and (byte := client.recv(1)):
            head += byte
        heads.append(head)
        if answer is None:
            _tunnel(client, head)
            return
        for piece in answer.pieces():
            client.sendall(piece)
            if ended.wait(answer.pause) if answer.pause else ended.is_set():
                return


def _tunnel(client: socket.socket, head: bytes) -> None:
    host, _, port = head.split(b" ")[1].decode().rpartition(":")
    with socket.create_connection((host, int(port))) as server:
        client.sendall(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 here\r\n\r\n")
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join()


def _copy(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while block := one.recv(65536):
            other.sendall(block)
        other.shutdown(socket.SHUT_WR)


def refused(access: Access, url: str = STORE, patience: Patience = LONG) -> DestinationUnavailableError:
    with pytest.raises(DestinationUnavailableError) as caught:
        Web(url, access, name="county", patience=patience).ask("OPTIONS", url, {})
    assert caught.value.remedy
    assert SECRET not in caught.value.message
    return caught.value


@pytest.mark.slow
def test_tls_is_with_the_store_and_the_proxy_sees_its_name_alone(tmp_path: Path) -> None:
    authority, secret = Authority(tmp_path), tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    with LyingTus(tls=server_context(authority.sign("server"))) as server, proxy(None) as (url, heads):
        access = Access(
            ca_file=str(authority.ca_file),
            bearer_token_file=str(secret),
            proxy=url,
            proxy_credentials_file=str(secret),
        )
        store = Web(server.url, access, name="county", patience=LONG)
        for _ in range(2):
            assert store.ask("OPTIONS", server.url, {}).status == 204
        store.close()
    [head] = heads  # the second request went the same way
    where = f"127.0.0.1:{server.port}"
    basic = base64.b64encode(SECRET.encode()).decode()
    assert head.decode() == (
        f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\nProxy-Authorization: Basic {basic}\r\n\r\n"
    )
    assert "proxy-authorization" not in server.requests[0].headers


@pytest.mark.slow
def test_a_store_is_looked_at_through_the_proxy_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with LyingTus(tls=server_context(authority.sign("server"))) as server, proxy(None) as (url, heads):
        shown = contact(server.url, Access(ca_file=str(authority.ca_file), proxy=url), name="county")
        assert shown.valid_until is not None
        assert len(heads) == 3  # the store, its certificate once more, and by the newest rules


@pytest.mark.slow
def test_a_certificate_of_another_name_is_seen_through_the_proxy(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with LyingTus(tls=server_context(authority.sign("server"))) as server, proxy(None) as (url, _):
        error = refused(Access(proxy=url), server.url)
    assert "its certificate was not accepted" in error.message
    assert "ca_file" in error.remedy


@pytest.mark.slow
@pytest.mark.parametrize(
    "status, words, remedy",
    [
        (407, "asks for a user and a password (status 407)", "proxy_credentials_file"),
        (403, "does not let the dock reach evidence.invalid:443 (status 403)", "allow CONNECT"),
        (502, "cannot reach evidence.invalid:443 (status 502)", "address"),
        (504, "cannot reach evidence.invalid:443 (status 504)", "address"),
    ],
)
def test_a_proxy_that_makes_no_tunnel_is_named_with_why(status: int, words: str, remedy: str) -> None:
    answer = raw(f"HTTP/1.1 {status} No\r\nContent-Length: 6\r\n\r\nsecret".encode())
    with proxy(answer) as (url, _):
        error = refused(Access(proxy=url))
    assert error.message == f"store county is not available: the proxy {url.removeprefix('http://')} {words}"
    assert remedy in error.remedy


@pytest.mark.slow
def test_credentials_that_are_rejected_are_told_from_none(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    with proxy(raw(b"HTTP/1.1 407 No\r\n\r\n")) as (url, _):
        error = refused(Access(proxy=url, proxy_credentials_file=str(secret)))
    assert "rejects the dock's user and password" in error.message
    missing = refused(Access(proxy="http://127.0.0.1:9", proxy_credentials_file=str(tmp_path / "none")))
    assert isinstance(missing, AccessDeniedError)


def test_a_proxy_that_is_not_there_is_named() -> None:
    error = refused(Access(proxy="http://127.0.0.1:9"))
    assert "the proxy 127.0.0.1:9 cannot be reached: nothing accepts connections there" in error.message
    assert "`proxy`" in error.remedy
    unknown = refused(Access(proxy="http://proxy.invalid:3128"))
    assert "the proxy proxy.invalid:3128 cannot be reached" in unknown.message


HOSTILE: dict[str, Raw] = {
    "nothing": raw(b""),
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "half a head": raw(b"HTTP/1.1 200 OK\r\nVia: "),
    "an endless head": endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 9000),
    "garbage": endless(b"", bytes(65536)),
    "a tunnel to nowhere": raw(b"HTTP/1.1 200 OK\r\n\r\n"),
    "a page": raw(b"HTTP/1.1 200 OK\r\n\r\n<html>log in first</html>"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_proxy_that_answers_nonsense_is_over_soon(name: str) -> None:
    with proxy(HOSTILE[name]) as (url, _):
        error = refused(Access(proxy=url))
    assert "proxy" in error.message or "TLS" in error.message


@pytest.mark.slow
def test_a_head_without_end_is_cut_off_by_its_length() -> None:
    with proxy(HOSTILE["an endless head"]) as (url, _):
        error = refused(Access(proxy=url))
    assert "made no connection: its answer is longer than any answer should be" in error.message


@pytest.mark.slow
def test_a_proxy_that_says_nothing_is_not_waited_for_without_end() -> None:
    with proxy(drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")) as (url, _):
        error = refused(Access(proxy=url), patience=Patience(connect=60.0, proxy=0.5))
    assert "made no connection: it did not answer in time" in error.message
