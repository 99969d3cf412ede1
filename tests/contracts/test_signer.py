"""What does every signer promise? Run on the one behind its socket, the one in this process, and the fake."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint
from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey
from bwvdock.core.custody.c2sp.submission import Submission
from bwvdock.core.ports.signing import CheckpointSigner
from bwvdock.edges import ed25519
from bwvdock.edges.signing.own_signer import OwnSigner
from bwvdock.edges.signing.socket_signer import SocketSigner
from bwvdock.errors import SignerRefusedError
from bwvdock.signer.conversation import converse
from bwvdock.signer.memory import FileMemory
from bwvdock.signer.notary import Notary
from tests.fakes.signer import SEED, FakeSigner
from tests.signer.logs import ORIGIN, Log, evil_root

Make = Callable[[], CheckpointSigner]
"""Starts the signer; once more: the same one, after a restart."""


class Behind:
    """The signer behind a socket, in a thread."""

    def __init__(self, root: Path) -> None:
        self.path = root / "signer.socket"
        self.memory = FileMemory(root / "signed.sqlite3")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            converse(connection, self._notary, {os.getuid()})

    def _notary(self) -> Notary:
        return Notary(ed25519.public(SEED), lambda message: ed25519.sign(SEED, message), self.memory)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture(params=["socket", "own", "fake"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    fake = FakeSigner()
    with ExitStack() as stack:
        if request.param == "socket":
            behind = Behind(tmp_path)
            stack.callback(behind.close)
            yield lambda: SocketSigner(behind.path)
        elif request.param == "own":
            yield lambda: OwnSigner(tmp_path / "keys")
        else:
            yield lambda: fake


def signed(signer: CheckpointSigner, submission: bytes) -> Checkpoint:
    """Return what was signed, after its signature was checked."""
    note = signer.sign(submission)
    said = read_signed_checkpoint(note.encode())
    key = VerifierKey(said.checkpoint.origin, ED25519, signer.public_key())
    [line] = said.note.signatures
    assert (line.name, line.key_id) == (key.name, key.id)
    assert ed25519.verify(key.public, said.note.text.encode(), line.octets)
    assert str(said.note) == note
    return said.checkpoint


def refused(signer: CheckpointSigner, submission: bytes) -> int | None:
    return refusal(signer, submission).size


def refusal(signer: CheckpointSigner, submission: bytes) -> SignerRefusedError:
    with pytest.raises(SignerRefusedError) as caught:
        signer.sign(submission)
    assert caught.value.message
    assert caught.value.remedy
    return caught.value


def test_each_extension_is_signed_also_after_a_restart(make: Make) -> None:
    log, old = Log(), 0
    for count in (1, 1, 5, 300, 0, 7):
        log.grow(count)
        assert signed(make(), log.submission(old)) == log.checkpoint()
        old = len(log.leaves)
    assert make().public_key() == make().public_key()


def test_the_same_again_is_signed_again(make: Make) -> None:
    log, signer = Log().grow(9), make()
    assert signer.sign(log.submission(0)) == signer.sign(log.submission(9))


def test_who_asks_from_another_size_is_told_the_one_signed_last(make: Make) -> None:
    log, signer = Log().grow(9), make()
    assert refused(signer, log.submission(4)) == 0, "nothing was signed yet"
    signed(signer, log.submission(0))
    assert [refused(signer, log.grow(3).submission(old)) for old in (0, 5, 10)] == [9, 9, 9]
    assert signed(signer, log.submission(9)) == log.checkpoint()


def test_a_journal_that_was_cut_or_changed_is_not_signed(make: Make) -> None:
    log, signer = Log().grow(9), make()
    signed(signer, log.submission(0))
    assert refused(signer, log.submission(0, 8)) is None, "cut"
    other = Log(words="other").grow(12)
    assert refused(signer, other.submission(9)) is None, "changed, and grown"
    assert refused(signer, other.submission(9, 9)) is None, "changed, of the same size"
    forged = Submission(9, (), str(evil_root(log.checkpoint())).encode()).encoded()
    assert refused(signer, forged) is None, "another root"
    assert signed(signer, log.grow(1).submission(9)) == log.checkpoint(), "and the true one is signed still"


def test_a_refusal_shows_what_was_signed_last_where_that_is_why(make: Make) -> None:
    log, signer = Log().grow(9), make()
    note = signer.sign(log.submission(0))
    other = Log(words="other").grow(12)
    for submission in (log.submission(0, 8), other.submission(9), other.submission(9, 9)):
        assert refusal(signer, submission).note == note
    assert refusal(signer, log.grow(3).submission(5)).note == "", "it may well be an extension"
    unseen = Log(origin=f"{ORIGIN}3").grow(2).submission(0).replace(b"old 0\n", b"old 0\nAAAA\n")
    assert refusal(signer, unseen).note == ""


def test_logs_do_not_know_each_other(make: Make) -> None:
    signer, first, second = make(), Log().grow(9), Log(origin=f"{ORIGIN}2", words="other").grow(2)
    assert signed(signer, first.submission(0)) == first.checkpoint()
    assert signed(signer, second.submission(0)) == second.checkpoint()


def test_a_log_that_is_called_otherwise_is_not_signed(make: Make) -> None:
    signer, log = make(), Log().grow(9)
    other = Log(origin="other/name/0123456789abcdef").grow(4)
    signed(signer, log.submission(0))
    assert refusal(signer, other.submission(0)).note == ""
    assert "has never seen" in refusal(signer, other.submission(0)).message
    assert signed(signer, log.grow(1).submission(9)) == log.checkpoint()


@pytest.mark.parametrize(
    "submission",
    [
        b"",
        b"old 0\n\n",
        b"old 0\n\nname\n1\n",
        b"old 0\n\nna me\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        b"old 0\n\nna+me\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        b"old 0\n\nname\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        b"old 0\n\nname\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n",
        b"old 0\nAAAA\n\nname\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        b"old -1\n\nname\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    ],
)
def test_what_is_no_checkpoint_is_not_signed(make: Make, submission: bytes) -> None:
    assert refused(make(), submission) is None
