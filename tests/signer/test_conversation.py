"""Is every request answered, every hostile one refused, and nobody served who may not ask?"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bwvdock.edges.signing.socket_signer import SocketSigner
from bwvdock.errors import SignerUnavailableError
from bwvdock.signer.conversation import MAX_REQUEST_BYTES, answer, converse, serve
from bwvdock.signer.notary import Notary
from tests.fakes.signer import Memory
from tests.signer.logs import Log


def notary() -> Notary:
    return Notary(bytes(32), lambda _: bytes(64), Memory())


def no_key() -> Notary:
    raise SignerUnavailableError("There is no key.", remedy="Look for it.")


def broken() -> Notary:
    raise KeyError("a bug")


def ask(request: bytes, *, allowed: set[int] | None = None) -> dict[str, Any]:
    client, server = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with client:
        client.send(request)
        converse(server, notary, {os.getuid()} if allowed is None else allowed)
        said = json.loads(client.recv(65536))
    assert isinstance(said, dict)
    return said


def test_a_checkpoint_is_signed() -> None:
    said = ask(json.dumps({"op": "sign", "submission": Log().grow(3).submission(0).decode()}).encode())
    assert said["ok"]
    assert said["note"].startswith(str(Log().grow(3).checkpoint()))


def test_nobody_but_the_daemon_and_root_is_answered() -> None:
    said = ask(b'{"op": "key"}', allowed={os.getuid() + 1})
    assert (said["ok"], said["code"]) == (False, "not_allowed")


@pytest.mark.parametrize(
    "request_",
    [
        b"{",
        b"[]",
        b"1",
        b'"key"',
        b"[" * 9000,
        b"{}",
        b'{"op": "key", "more": 1}',
        b'{"op": "sign"}',
        b'{"op": "sign", "submission": 3}',
        b'{"op": "sign", "submission": "\\ud800"}',
        b'{"op": "delete"}',
        b"\xff\xfe",
        b" " * (MAX_REQUEST_BYTES + 1),
    ],
)
def test_what_is_no_request_is_refused_with_words(request_: bytes) -> None:
    said = ask(request_)
    assert set(said) == {"ok", "code", "message", "remedy", "size", "note"}
    assert (said["ok"], said["size"], said["note"]) == (False, None, "")
    assert said["code"] in {"refused", "internal"}
    assert said["message"]
    assert said["remedy"]


def test_a_missing_key_and_a_bug_are_answered_too() -> None:
    assert answer(b'{"op": "key"}', no_key)["message"] == "There is no key."
    assert answer(b'{"op": "key"}', broken)["code"] == "internal"


@pytest.mark.slow
def test_one_who_says_nothing_holds_up_nobody_for_long(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen()
        serving = threading.Thread(
            target=serve, args=(listener, notary, {os.getuid()}), kwargs={"idle_seconds": 0.3}
        )
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as left:
            left.connect(str(path))  # and goes at once, with nothing said
        serving.start()
        assert SocketSigner(path).public_key() == bytes(32)
        serving.join(10)
        assert not serving.is_alive(), "it ends when nobody asks any more"


def lying(tmp_path: Path, say: Callable[[socket.socket], object]) -> SocketSigner:
    """Return a client whose signer does with its connection what `say` does."""
    path = tmp_path / "liar"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    listener.listen()

    def one() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(MAX_REQUEST_BYTES)
            say(connection)

    threading.Thread(target=one, daemon=True).start()
    return SocketSigner(path, timeout=0.2)


@pytest.mark.parametrize(
    "said",
    [
        b"garbage",
        b"[]",
        b"{}",
        b"[" * 9000,
        b'{"ok": true}',
        b'{"ok": true, "key": 3}',
        b'{"ok": true, "key": "!"}',
        b'{"ok": false}',
        b'{"ok": 1, "key": ""}',
        b"\xff",
        b" " * 100_000,
    ],
)
def test_a_signer_that_does_not_make_sense_is_ignored(tmp_path: Path, said: bytes) -> None:
    client = lying(tmp_path, lambda connection: connection.send(said))
    with pytest.raises(SignerUnavailableError, match="invalid answer"):
        client.public_key()


@pytest.mark.slow
def test_a_signer_that_hangs_or_is_away_is_left_after_a_while(tmp_path: Path) -> None:
    done = threading.Event()
    client = lying(tmp_path, lambda _: done.wait(30))
    with pytest.raises(SignerUnavailableError, match="did not answer"):
        client.sign(b"")
    done.set()
    with pytest.raises(SignerUnavailableError, match="cannot be reached") as caught:
        SocketSigner(tmp_path / "gone").sign(b"")
    assert "bwvdock-signer" in caught.value.remedy
