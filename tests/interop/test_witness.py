"""Do a witness, a client and a library that nobody here wrote agree with ours?"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.cosignature import cosignatures
from bwvdock.core.custody.c2sp.signed_note import Note, read_signature, read_verifier_key
from bwvdock.core.custody.c2sp.submission import read_submission, size_answer
from bwvdock.core.custody.consistency import consistency_proof
from bwvdock.core.custody.witnessing import AskAgain, read_answer
from bwvdock.core.facts import JournalNotAsWitnessed
from bwvdock.edges import ed25519
from bwvdock.edges.witnessing.client import HttpWitness
from bwvdock.witness.http_server import WitnessServer
from tests.servers.witness_aics import AicsWitness, ask_library
from tests.witness.logs import Log, Station
from tests.witnessing.dock import Dock

LEAVES = [str(n) for n in range(200)]  # those of tests.witness.logs.Log
LOG = Log()


class Proxy:
    """What is between a dock and its witness: it loses answers, and speaks two versions of the protocol."""

    def __init__(self, port: int) -> None:
        self.lose = False
        self.version_1_0_0 = False
        self.answers: list[int] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                proxy.pass_on(self, self.rfile.read(int(self.headers["Content-Length"])), port)

            def do_GET(self) -> None:
                proxy.pass_on(self, None, port)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def pass_on(self, handler: BaseHTTPRequestHandler, body: bytes | None, port: int) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        upstream.request(handler.command, handler.path, body)
        answer = upstream.getresponse()
        status, text, kind = answer.status, answer.read(), answer.headers.get("Content-Type", "")
        upstream.close()
        self.answers.append(status)
        if self.lose:
            handler.close_connection = True
            return
        if status == 422 and body is not None and self.version_1_0_0:
            sent = read_submission(body)
            if sent.old == int(sent.checkpoint.split(b"\n")[1]):
                status, text, kind = 409, size_answer(sent.old), "text/x.tlog.size"
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)


@pytest.fixture(scope="module")
def aics_witness() -> Iterator[AicsWitness]:
    server = AicsWitness()
    server.add_log(LOG.origin, str(LOG.key))
    with server:
        yield server


@contextmanager
def proxied(server: AicsWitness) -> Iterator[Proxy]:
    proxy = Proxy(server.port)
    try:
        yield proxy
    finally:
        proxy.server.shutdown()
        proxy.server.server_close()


class Confirmed(Dock):
    """A journal whose witness is theirs, behind a proxy."""

    def __init__(self, folder: Path, proxy: Proxy, vkey: str, log: Log) -> None:
        self.theirs, self.vkey, self.log = HttpWitness(proxy.url, name="aics"), vkey, log
        super().__init__(folder)
        self.journal.log = log

    def restart(self) -> None:
        super().restart()
        self.site.key, self.site.witness = read_verifier_key(self.vkey), self.theirs
        self.site.confirmed = self.journal.confirmed_size(self.vkey)


@pytest.fixture(params=[False, True], ids=["as it is", "version 1.0.0"])
def setting(
    request: pytest.FixtureRequest, aics_witness: AicsWitness, tmp_path: Path
) -> Iterator[tuple[Confirmed, Proxy]]:
    """Give a journal of an origin of its own, known to their witness, and the proxy between them."""
    log = Log(LOG.leaves, LOG.seed, f"{LOG.origin}/{sha256(str(tmp_path).encode()).hexdigest()[:16]}")
    aics_witness.add_log(log.origin, str(log.key))
    aics_witness.kill()
    aics_witness.start()
    with proxied(aics_witness) as proxy:
        proxy.version_1_0_0 = request.param
        dock = Confirmed(tmp_path, proxy, aics_witness.vkey, log)
        yield dock, proxy
        dock.remote.store.close()


def test_their_witness_confirms_our_journal_though_answers_are_lost(
    setting: tuple[Confirmed, Proxy],
) -> None:
    dock, proxy = setting
    for size in (5, 9, 64, 65, 150):
        proxy.lose = size in {9, 65}
        dock.grow(size)
        proxy.lose = False
        dock.turn()
        line = read_signature(dock.journal.lines[size, dock.vkey])
        note = Note(str(dock.log.head(size)), (line,))
        [made] = cosignatures(note, [dock.site.key], ed25519.verify)
        assert abs(made.time - time.time()) < 60
        signed = dock.log.note(size).decode() + str(line)
        answer = ask_library(
            {"ask": "checkpoint", "note": signed, "log": str(dock.log.key), "witness": dock.vkey}
        )
        assert answer == {"ok": True, "error": answer["error"]}
    assert 409 in proxy.answers
    assert (dock.facts, dock.witnesses.alarms.contradicted) == ([], False)


@pytest.mark.parametrize("size,named", [(5, 9), (9, -1), (12, -1)], ids=["cut", "to the same size", "beyond"])
def test_a_journal_that_was_put_back_is_found_by_their_witness(
    setting: tuple[Confirmed, Proxy], size: int, named: int
) -> None:
    dock, _ = setting
    dock.grow(5)
    dock.grow(9)
    dock.journal.put_back(5)
    if size > 5:
        dock.journal.log = dock.log.branch(5)
    dock.restart()
    dock.grow(size)
    [fact] = dock.facts
    assert isinstance(fact, JournalNotAsWitnessed)
    assert (fact.entries, fact.named, fact.proven) == (size, named, True)
    assert dock.witnesses.alarms.contradicted


def test_their_client_feeds_our_witness(tmp_path: Path, aics_witness: AicsWitness) -> None:
    station = Station(tmp_path)
    station.time.now = time.time()
    station.logs.add("LEW-03", str(LOG.key))
    with station.store() as store:
        server = WitnessServer(station.witness(store), ("127.0.0.1", 0))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            fork = LOG.branch(60)
            notes = [LOG.note(5), LOG.note(64), LOG.note(64), LOG.note(150), LOG.note(9), fork.note(150)]
            said = ask_library(
                {
                    "ask": "feed",
                    "url": f"http://127.0.0.1:{server.server_address[1]}",
                    "witness": str(station.identity.key),
                    "leaves": LEAVES,
                    "notes": [note.decode() for note in notes],
                }
            )
        finally:
            server.shutdown()
            server.server_close()
        assert all(line.startswith(f"\u2014 {station.identity.key.name} ") for line in said[:4])
        assert said[4:] == ["WitnessAhead", "WitnessRejected"]
        assert [piece.size for piece in store.evidence()] == [9, 150]


@pytest.mark.parametrize("old,new", [(1, 1), (1, 2), (3, 7), (4, 7), (6, 7), (64, 65), (63, 128), (100, 199)])
def test_their_library_has_our_roots_and_proofs(old: int, new: int, aics_witness: AicsWitness) -> None:
    proof = consistency_proof(old, new, LOG.fetch)
    answer = ask_library(
        {"ask": "tree", "leaves": LEAVES, "old": old, "new": new, "proof": [node.hex() for node in proof]}
    )
    assert answer["root"] == LOG.head(new).root.hex()
    assert answer["proof"] == [node.hex() for node in proof]
    assert answer["valid"] is True


def test_the_logs_of_witness_log_are_confirmed_by_our_witness(
    tmp_path: Path, aics_witness: AicsWitness
) -> None:
    """witness-log is written in Rust; it makes the requests, and reads our answers."""
    question = {"ask": "grow", "seed": "03" * 32, "sizes": [1, 2, 5, 64, 65, 200]}
    question["file"] = str(tmp_path / "log")
    theirs = ask_library(question)
    station = Station(tmp_path)
    station.time.now = time.time()
    station.logs.add("agent", theirs["vkey"])
    with station.store() as store:
        answers = [
            station.witness(store).add_checkpoint(body.encode(), "192.0.2.1") for body in theirs["bodies"]
        ]
        assert [int(answer.status) for answer in answers] == [200] * 6
        assert (
            station.witness(store).add_checkpoint(theirs["bodies"][3].encode(), "192.0.2.1").body == b"200\n"
        )
    key = station.identity.key.public.hex()
    for answer, accepted in ((answers[-1], 1), (answers[0], 0)):
        read = {"ask": "accept", "file": question["file"], "answers": [[key, answer.body.decode()]]}
        assert ask_library(read) == accepted


def test_the_witness_of_witness_log_confirms_our_journal(aics_witness: AicsWitness) -> None:
    sizes = [(0, 5), (5, 64), (64, 150), (5, 150), (150, 150)]
    bodies = [LOG.request(old, size) for old, size in sizes]
    bodies += [LOG.branch(60).request(150, 180), LOG.branch(60).request(150, 150)]
    said = ask_library(
        {
            "ask": "confirm",
            "name": "witness.example.org/rust",
            "seed": "04" * 32,
            "logs": [[LOG.origin, str(LOG.key)]],
            "bodies": [body.decode() for body in bodies],
        }
    )
    key, readings = read_verifier_key(said["vkey"]), []
    for body, (status, text) in zip(bodies, said["answers"], strict=True):
        sent = read_submission(body)
        head = read_signed_checkpoint(sent.checkpoint).checkpoint
        readings.append(
            read_answer(status, text.encode(), old=sent.old, checkpoint=head, key=key, verify=ed25519.verify)
        )
    kinds = [type(reading).__name__ for reading in readings]
    assert kinds[:3] == ["Cosignature"] * 3
    assert readings[3] == AskAgain(150)
    assert kinds[4:] == ["Cosignature", "Contradicted", "Contradicted"]
