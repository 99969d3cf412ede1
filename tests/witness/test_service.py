"""Does the witness answer as tlog-witness says, and never confirm two journals of one name?"""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint, sign_checkpoint
from bwvdock.core.custody.c2sp.cosignature import cosignatures
from bwvdock.core.custody.c2sp.signed_note import Note, Signature, signers
from bwvdock.core.custody.c2sp.submission import SIZE_TYPE, Submission, read_cosignature_lines
from bwvdock.core.custody.merkle import EMPTY_ROOT
from bwvdock.edges import ed25519
from bwvdock.errors import StorageError
from bwvdock.witness.judge import TWO_ROOTS
from bwvdock.witness.service import Answer, Witness
from bwvdock.witness.store import MOST_EVIDENCE, Store
from tests.places import in_memory
from tests.witness.logs import ORIGIN, Log, Station

LOG = Log()
HOST = "192.0.2.1"


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path)
    made.logs.add("LEW-03", str(LOG.key))
    return made


@pytest.fixture
def witness(station: Station) -> Iterator[Witness]:
    with station.store() as store:
        yield station.witness(store)


def ask(witness: Witness, old: int, size: int, log: Log = LOG) -> Answer:
    return witness.add_checkpoint(log.request(old, size), HOST)


def confirmed(answer: Answer, head: Checkpoint, witness: Witness) -> int:
    """Return the time of an answer's cosignature on this checkpoint."""
    assert answer.status == HTTPStatus.OK
    note = Note(str(head), read_cosignature_lines(answer.body))
    [made] = cosignatures(note, [witness.identity.key], ed25519.verify)
    return made.time


def test_a_journal_is_confirmed_as_it_grows(witness: Witness, station: Station) -> None:
    assert confirmed(ask(witness, 0, 5), LOG.head(5), witness) == 1_800_000_000
    station.time.now += 60
    assert confirmed(ask(witness, 5, 150), LOG.head(150), witness) == 1_800_000_060
    assert confirmed(ask(witness, 150, 150), LOG.head(150), witness) == 1_800_000_060


def test_a_size_that_is_not_the_latest_is_answered_with_the_latest(witness: Witness) -> None:
    ask(witness, 0, 5)
    for old, size in ((0, 5), (0, 9), (4, 9)):
        answer = ask(witness, old, size)
        assert (answer.status, answer.body, answer.kind) == (HTTPStatus.CONFLICT, b"5\n", SIZE_TYPE)
    assert confirmed(ask(witness, 5, 9), LOG.head(9), witness)
    answer = ask(witness, 0, 4)
    assert (answer.status, answer.body) == (HTTPStatus.CONFLICT, b"9\n")


def _signed(head: Checkpoint) -> bytes:
    return str(sign_checkpoint(head, LOG.key, lambda message: ed25519.sign(LOG.seed, message))).encode()


def _requests() -> dict[str, tuple[bytes, HTTPStatus]]:
    good = LOG.request(5, 9)
    note = read_signed_checkpoint(LOG.note(9)).note
    wrong = Signature(LOG.key.name, LOG.key.id, bytes(64))
    unknown = Signature("someone.else", b"abcd", bytes(64))
    other_key = Log(LOG.leaves, b"\x07" * 32)

    def submitted(*lines: Signature) -> bytes:
        return Submission(5, (), str(Note(note.text, lines)).encode()).encoded()

    return {
        "nothing": (b"", HTTPStatus.BAD_REQUEST),
        "no checkpoint": (b"old 0\n\n", HTTPStatus.BAD_REQUEST),
        "old above the size": (LOG.request(10, 9), HTTPStatus.BAD_REQUEST),
        "an unknown log": (Log(origin="unknown.example/x").request(0, 9), HTTPStatus.NOT_FOUND),
        "another key of that name": (other_key.request(5, 9), HTTPStatus.FORBIDDEN),
        "a wrong signature": (submitted(wrong), HTTPStatus.FORBIDDEN),
        "a wrong signature beside a good one": (submitted(*note.signatures, wrong), HTTPStatus.FORBIDDEN),
        "only a signature of somebody else": (submitted(unknown), HTTPStatus.FORBIDDEN),
        "no proof": (submitted(*note.signatures), HTTPStatus.UNPROCESSABLE_ENTITY),
        "a proof of something else": (
            good.replace(good.split(b"\n")[1], b"A" * 43 + b"="),
            HTTPStatus.UNPROCESSABLE_ENTITY,
        ),
        "the same size, another root": (LOG.branch(3).request(5, 5), HTTPStatus.UNPROCESSABLE_ENTITY),
        "a journal cut and grown again": (LOG.branch(3).request(5, 9), HTTPStatus.UNPROCESSABLE_ENTITY),
        "the same size with a proof": (
            Submission(5, (bytes(32),), LOG.note(5)).encoded(),
            HTTPStatus.UNPROCESSABLE_ENTITY,
        ),
    }


@pytest.mark.parametrize("name", _requests())
def test_what_may_not_be_confirmed_is_refused_as_the_protocol_says(name: str, witness: Witness) -> None:
    ask(witness, 0, 5)
    request, status = _requests()[name]
    assert witness.add_checkpoint(request, HOST).status == status
    assert confirmed(ask(witness, 5, 9), LOG.head(9), witness)  # and nothing was changed by it


def test_the_empty_tree_has_one_root_and_needs_no_proof(witness: Witness) -> None:
    assert ask(witness, 0, 0).status == HTTPStatus.OK
    wrong = Submission(0, (), _signed(Checkpoint(ORIGIN, 0, b"\x01" * 32))).encoded()
    assert witness.add_checkpoint(wrong, HOST).status == HTTPStatus.UNPROCESSABLE_ENTITY
    useless = Submission(0, (EMPTY_ROOT,), LOG.note(3)).encoded()
    assert witness.add_checkpoint(useless, HOST).status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert ask(witness, 0, 3).status == HTTPStatus.OK


def test_signatures_of_unknown_keys_are_ignored_and_not_published(witness: Witness) -> None:
    note = read_signed_checkpoint(LOG.note(5)).note
    unknown = Signature("someone.else", b"abcd", bytes(64))
    body = Submission(0, (), str(Note(note.text, (unknown, *note.signatures))).encode()).encoded()
    assert confirmed(witness.add_checkpoint(body, HOST), LOG.head(5), witness)
    published = witness.checkpoint(hashlib.sha256(ORIGIN.encode()).hexdigest())
    shown = read_signed_checkpoint(published.body)
    assert shown.checkpoint == LOG.head(5)
    assert signers(shown.note, [LOG.key], ed25519.verify) == [LOG.key]
    assert len(cosignatures(shown.note, [witness.identity.key], ed25519.verify)) == 1
    assert [line.name for line in shown.note.signatures] == [ORIGIN, witness.identity.key.name]


def test_no_checkpoint_is_published_of_a_log_that_none_was_confirmed_of(witness: Witness) -> None:
    for origin in (ORIGIN, "unknown.example/x"):
        assert witness.checkpoint(hashlib.sha256(origin.encode()).hexdigest()).status == HTTPStatus.NOT_FOUND


def test_a_clock_that_was_set_back_never_makes_a_later_statement_look_earlier(
    witness: Witness, station: Station
) -> None:
    ask(witness, 0, 5)
    station.time.now -= 3600
    assert confirmed(ask(witness, 5, 9), LOG.head(9), witness) == 1_800_000_000


def test_a_log_may_have_two_keys_while_one_replaces_the_other(witness: Witness, station: Station) -> None:
    ask(witness, 0, 5)
    new = Log(LOG.leaves, b"\x08" * 32)
    assert ask(witness, 5, 9, new).status == HTTPStatus.FORBIDDEN
    station.logs.add("LEW-03", str(new.key))
    assert confirmed(ask(witness, 5, 9, new), LOG.head(9), witness)
    assert confirmed(ask(witness, 9, 12), LOG.head(12), witness)


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 14), st.integers(0, 14), st.booleans()), max_size=14
)


@pytest.mark.slow
@given(STEPS)
def test_whatever_is_sent_what_was_confirmed_is_one_journal(steps: list[tuple[int, int, int, bool]]) -> None:
    """The model knows the branches, and no proofs: a branch is the latest one's continuation, or is not."""
    branches = (LOG, LOG.branch(4), LOG.branch(9))
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        station = Station(Path(folder))
        station.logs.add("LEW-03", str(LOG.key))
        latest: tuple[Log, int] = (LOG, 0)
        store = station.store()
        for branch, old, size, restart in steps:
            if restart:
                store.close()
                store = station.store()
            log, (before, had) = branches[branch], latest
            answer = ask(station.witness(store), old, size, log)
            if old > size:
                assert answer.status == HTTPStatus.BAD_REQUEST
            elif old != had:
                assert (answer.status, answer.body) == (HTTPStatus.CONFLICT, f"{had}\n".encode())
            elif log.leaves[:had] != before.leaves[:had]:
                assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
            else:
                assert answer.status == HTTPStatus.OK
                latest = (log, size)
        store.close()


def test_of_two_that_race_one_is_confirmed(witness: Witness) -> None:
    ask(witness, 0, 5)
    answers: list[Answer] = []
    sizes = [6 + n % 3 for n in range(12)]
    threads = [threading.Thread(target=lambda s=size: answers.append(ask(witness, 5, s))) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [HTTPStatus.OK] + 11 * [HTTPStatus.CONFLICT]


def test_what_was_confirmed_is_remembered_by_the_next_process(station: Station) -> None:
    with station.store() as store:
        ask(station.witness(store), 0, 9)
    with station.store() as store:
        assert ask(station.witness(store), 0, 5, LOG.branch(2)).body == b"9\n"
        assert ask(station.witness(store), 9, 9).status == HTTPStatus.OK


def test_what_may_show_a_fork_is_kept_once_with_what_was_confirmed(witness: Witness) -> None:
    ask(witness, 0, 5)
    fork = LOG.branch(3)
    for _ in range(3):
        ask(witness, 5, 5, fork)
        ask(witness, 0, 5, fork)  # 409, and as much of a fork
        ask(witness, 5, 8, fork)
    ask(witness, 0, 3)  # a smaller one
    kept = witness.store.evidence()
    assert [(piece.size, piece.status) for piece in kept] == [(5, 422), (8, 422), (3, 409)]
    assert all(read_signed_checkpoint(piece.latest.encode()).checkpoint == LOG.head(5) for piece in kept)
    assert kept[0].request == fork.request(5, 5)
    assert witness.store.evidence("another") == []


def test_a_lost_answer_is_no_evidence(witness: Witness) -> None:
    ask(witness, 0, 5)
    ask(witness, 0, 5)
    ask(witness, 0, 9)
    assert witness.store.evidence() == []
    assert witness.store.log_states()[ORIGIN].refused == "the latest checkpoint has size 5"


@pytest.mark.parametrize("old", [150, 0])
def test_old_checkpoints_sent_again_keep_no_room_from_a_fork(witness: Witness, old: int) -> None:
    ask(witness, 0, 150)
    with witness.store.changing() as change:
        fill(change.db, MOST_EVIDENCE, 409, "the latest checkpoint has size 150")
    fork = LOG.branch(0)
    ask(witness, 0, 7)
    ask(witness, old, 150, fork)
    ask(witness, 150, 160, LOG.branch(3))
    kept = witness.store.evidence()
    assert len(kept) == MOST_EVIDENCE
    assert [piece.size for piece in kept[-2:]] == [150, 160]
    assert kept[-2].root == fork.head(150).root
    assert kept[0].size == 1000, "of those that weigh the same, the first stay"


@pytest.mark.slow
def test_evidence_is_bounded_and_the_first_forks_stay(witness: Witness) -> None:
    ask(witness, 0, 1)
    with witness.store.changing() as change:
        fill(change.db, MOST_EVIDENCE, 422, TWO_ROOTS)
    before = witness.store.evidence()
    ask(witness, 1, 1, LOG.branch(0))
    ask(witness, 1, 9, LOG.branch(0))
    assert witness.store.evidence() == before


def test_of_one_checkpoint_what_shows_most_is_kept(witness: Witness) -> None:
    fork = LOG.branch(3)
    ask(witness, 0, 9)
    ask(witness, 0, 7, fork)
    ask(witness, 0, 9, fork)
    ask(witness, 0, 7, fork)
    kept = [(piece.size, piece.status, piece.reason) for piece in witness.store.evidence()]
    assert kept == [(7, 409, "the latest checkpoint has size 9"), (9, 409, TWO_ROOTS)]


def test_a_proof_that_does_not_lead_on_gives_way_to_two_roots(witness: Witness) -> None:
    fork = LOG.branch(3)
    ask(witness, 0, 5)
    ask(witness, 5, 9, fork)
    ask(witness, 5, 9)
    ask(witness, 9, 9, fork)
    [piece] = witness.store.evidence()
    assert (piece.size, piece.status, piece.reason) == (9, 422, TWO_ROOTS)
    assert piece.request == fork.request(9, 9)
    assert read_signed_checkpoint(piece.latest.encode()).checkpoint == LOG.head(9)


def fill(db: sqlite3.Connection, count: int, status: int, reason: str) -> None:
    many = ((ORIGIN, 1000 + n, bytes(32), 1, status, reason, b"", "") for n in range(count))
    db.executemany("INSERT INTO evidence VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", many)


def test_too_many_requests_of_one_client_are_put_off_and_keep_no_other_out(station: Station) -> None:
    with station.store() as store:
        witness = station.witness(store, burst=3)
        answers = [ask(witness, 0, 5) for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 409, 409, 429]
        assert answers[-1].headers == {"Retry-After": "1"}
        assert witness.add_checkpoint(LOG.request(5, 9), "192.0.2.2").status == HTTPStatus.OK
        station.time.now += 2
        assert ask(witness, 9, 9).status == HTTPStatus.OK


def test_the_database_itself_never_goes_back(station: Station) -> None:
    with station.store() as store:
        ask(station.witness(store), 0, 9)
        for change in (
            "UPDATE head SET size = 8",
            "UPDATE head SET time = 5",
            "UPDATE head SET root = zeroblob(32)",
        ):
            with pytest.raises(StorageError, match="never goes back"), store.changing() as open_change:
                open_change.db.execute(change)
        with pytest.raises(StorageError, match="never forgets"), store.changing() as open_change:
            open_change.db.execute("DELETE FROM head")


def test_a_database_without_its_key_or_a_key_without_its_database_is_refused(
    station: Station, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(StorageError, match="belongs to another key"):
        Store(station.folder, Station(other).identity.key)
    (other / "witness.db").unlink()
    with pytest.raises(StorageError, match="does not know what it has signed"):
        Store(other, None)


def test_a_list_of_logs_with_a_mistake_names_its_line(station: Station, witness: Witness) -> None:
    path = station.folder / "logs"
    path.write_text(path.read_text() + "nonsense\n")
    with pytest.raises(StorageError, match="line 3"):
        ask(witness, 0, 5)


def test_random_bytes_never_raise(witness: Witness) -> None:
    good = LOG.request(0, 5)
    for at, octet in itertools.product(range(0, len(good), 3), (0x00, 0x0A, 0x20, 0x41, 0xFF)):
        witness.add_checkpoint(good[:at] + bytes([octet]) + good[at + 1 :], HOST)
    assert ask(witness, 0, 5).status in {HTTPStatus.OK, HTTPStatus.CONFLICT}
